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
local answer = {}
for i = 2, #ARGV, 4 do
  local orderId, ticket, positions, record = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  local present = redis.call('HEXISTS', tickets, ticket) == 1
  if not present and record ~= '' then
    redis.call('HSET', orders, orderId, ticket)
    redis.call('HSET', tickets, ticket, record)
    for position in string.gmatch(positions, '%d+') do
      redis.call('ZADD', KEYS[tonumber(position)], ticket, ticket)
    end
    present = true
  end
  if present then
    redis.call('HSET', parked, ticket, keeper)
    redis.call('ZREM', unparked, ticket)
    for position in string.gmatch(positions, '%d+') do
      if redis.call('ZRANGE', KEYS[tonumber(position)], 0, 0)[1] == ticket then
        redis.call('ZADD', heads, ticket, ticket)
        break
      end
    end
  end
  answer[#answer + 1] = present and 1 or 0
end
return answer
