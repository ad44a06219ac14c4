-- Draws the next tickets for orders, in their order, and puts each at the end of the queue of every product of its order,
-- at once, so that any two orders stand in the same relative order in every queue they share. An order that has a ticket
-- keeps it.
--
-- KEYS[1] state    hash: epoch, seq (last ticket of the epoch), fence (last claim of the epoch)
-- KEYS[2] orders   hash: order id -> ticket
-- KEYS[3] tickets  hash: ticket -> record
-- KEYS[4] unparked sorted set: tickets that no worker has met yet, scored by the time of the draw (ms)
-- KEYS[5..]        queues of the products of the orders: sorted sets of tickets, scored by ticket
-- ARGV[1] how many tickets may be in the line at most
-- ARGV[2..]        three for each order: order id, positions of its queues in KEYS joined by commas,
--                  record: product ids joined by commas | order id | who draws | the order as JSON
--
-- Returns {tickets in the line, then a ticket for each order, or '' where the line was full}, or {'NO_EPOCH'} (Redis lost
-- its memory; nothing was changed).
-- Keeps: a ticket is in tickets, in orders and in all of its queues, or in none of them.
local state, orders, tickets, unparked = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local maxWaiting = tonumber(ARGV[1])

local epoch = redis.call('HGET', state, 'epoch')
if not epoch then
  return {'NO_EPOCH'}
end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local waiting = redis.call('HLEN', tickets)

local drawn = {}
for i = 2, #ARGV, 3 do
  local orderId, positions, record = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local ticket = redis.call('HGET', orders, orderId)
  if not ticket and waiting < maxWaiting then
    local sequence = redis.call('HINCRBY', state, 'seq', 1)
    -- '%.0f': the default form rounds to 14 digits and would give neighbours one name from epoch 91 on
    ticket = string.format('%.0f', tonumber(epoch) * 2 ^ 40 + sequence)
    redis.call('HSET', orders, orderId, ticket)
    redis.call('HSET', tickets, ticket, record)
    redis.call('ZADD', unparked, now, ticket)
    for position in string.gmatch(positions, '%d+') do
      redis.call('ZADD', KEYS[tonumber(position)], ticket, ticket)
    end
    waiting = waiting + 1
  end
  drawn[#drawn + 1] = ticket or ''
end
return {waiting, unpack(drawn)}
