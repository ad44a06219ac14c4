-- Marks consumed orders as parked: from now on any worker may decide them. An order whose ticket is not in the line is
-- reported, or, if its record is given, stands again at its own ticket.
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
if not epoch or memory ~= string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)') then
  return {'NO_EPOCH'}
end
local BATCH = 500 -- arguments of one call; Lua's stack holds a few thousand

local function inBatches(command, key, members)
  for first = 1, #members, BATCH do
    redis.call(command, key, unpack(members, first, math.min(first + BATCH - 1, #members)))
  end
end

local asked, present = {}, {} -- tickets; which of them are in the line
for i = 3, #ARGV, 4 do
  asked[#asked + 1] = ARGV[i]
end
for first = 1, #asked, BATCH do
  local records = redis.call('HMGET', tickets, unpack(asked, first, math.min(first + BATCH - 1, #asked)))
  for i = 1, #records do
    present[first + i - 1] = records[i]
  end
end

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
