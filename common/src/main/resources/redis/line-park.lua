-- Marks consumed orders as parked: from now on any worker may decide them. An order whose ticket is not in the line is
-- reported, or, if its record is given, stands again at its own ticket.
--
-- After line.lua.
--
-- KEYS[1] state    hash: epoch, ...
-- KEYS[2] orders   hash: order id -> ticket
-- KEYS[3] tickets  hash: ticket -> record
-- KEYS[4] parked   hash: ticket -> keeper
-- KEYS[5] heads    sorted set: parked tickets that are at the head of at least one of their queues
-- KEYS[6] unparked sorted set: tickets that no worker has met yet
-- KEYS[7..]        queues of the products of the orders
-- ARGV[1] keeper: the worker that consumed them
-- ARGV[2..]        four for each order: order id, ticket, positions of its queues in KEYS joined by commas, record or ''
--
-- Returns one number for each order: 1 parked, 0 not in the line (and no record given); or {'NO_EPOCH'}.
-- Keeps: a parked ticket at the head of a queue is in heads.
local state, orders, tickets, parked, heads, unparked = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local keeper = ARGV[1]

local epoch, memory = unpack(redis.call('HMGET', state, 'epoch', 'memory'))
if hasNoEpoch(epoch, memory) then
  return {'NO_EPOCH'}
end
local asked = {} -- tickets
for i = 3, #ARGV, 4 do
  asked[#asked + 1] = ARGV[i]
end
local present = valuesOf(tickets, asked) -- the records of those that are in the line

local answer = {}
local keepers, met, isParked, queues = {}, {}, {}, {}
for i = 1, #asked do
  local at = 4 * i - 2
  local orderId, ticket, positions, record = ARGV[at], asked[i], ARGV[at + 2], ARGV[at + 3]
  if not present[i] and record ~= '' then
    redis.call('HSET', orders, orderId, ticket)
    redis.call('HSET', tickets, ticket, record)
    for position in string.gmatch(positions, '%d+') do
      redis.call('ZADD', KEYS[tonumber(position)], ticket, ticket)
    end
    present[i] = record
  end
  if present[i] then
    keepers[#keepers + 1] = ticket
    keepers[#keepers + 1] = keeper
    met[#met + 1] = ticket
    isParked[ticket] = true
    queues[positions] = true
  end
  answer[i] = present[i] and 1 or 0
end
inBatches('HSET', parked, keepers)
inBatches('ZREM', unparked, met)
for positions in pairs(queues) do
  for position in string.gmatch(positions, '%d+') do
    local head = redis.call('ZRANGE', KEYS[tonumber(position)], 0, 0)[1]
    if isParked[head] then
      redis.call('ZADD', heads, head, head)
    end
  end
end
return answer
