-- Draws the next ticket for an order and puts it at the end of the queue of every product of the order, at once, so that
-- any two orders stand in the same relative order in every queue they share. An order that has a ticket keeps it.
--
-- KEYS[1] state    hash: epoch, seq (last ticket of the epoch), fence (last claim of the epoch)
-- KEYS[2] orders   hash: order id -> ticket
-- KEYS[3] tickets  hash: ticket -> record
-- KEYS[4..]        queue of each product of the order: sorted set of tickets, scored by ticket
-- ARGV[1] order id
-- ARGV[2] record: product ids joined by commas | order id | the order as JSON
-- ARGV[3] how many tickets may be in the line at most
--
-- Returns {'DRAWN', ticket}, {'FULL', tickets in the line} or {'NO_EPOCH'} (Redis lost its memory; nothing was changed).
-- Keeps: a ticket is in tickets, in orders and in all of its queues, or in none of them.
local state, orders, tickets = KEYS[1], KEYS[2], KEYS[3]
local orderId, record, maxWaiting = ARGV[1], ARGV[2], tonumber(ARGV[3])

local epoch = redis.call('HGET', state, 'epoch')
if not epoch then
  return {'NO_EPOCH'}
end
local known = redis.call('HGET', orders, orderId)
if known then
  return {'DRAWN', known}
end
local waiting = redis.call('HLEN', tickets)
if waiting >= maxWaiting then
  return {'FULL', waiting}
end

local sequence = redis.call('HINCRBY', state, 'seq', 1)
-- '%.0f': the default form rounds to 14 digits and would give neighbours one name from epoch 91 on
local ticket = string.format('%.0f', tonumber(epoch) * 2 ^ 40 + sequence)
redis.call('HSET', orders, orderId, ticket)
redis.call('HSET', tickets, ticket, record)
for i = 4, #KEYS do
  redis.call('ZADD', KEYS[i], ticket, ticket)
end
return {'DRAWN', ticket}
