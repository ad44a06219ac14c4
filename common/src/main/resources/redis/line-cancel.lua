-- Removes a ticket from the line: one whose record was not published, or never will be, unless a worker has parked it
-- or another draw made it; or one whose order is decided, parked or not.
--
-- After line.lua.
--
-- KEYS[1] orders   hash: order id -> ticket
-- KEYS[2] tickets  hash: ticket -> record
-- KEYS[3] parked   hash: ticket -> keeper | product ids joined by commas
-- KEYS[4] heads    sorted set: parked tickets that are at the head of at least one of their queues
-- KEYS[5] unparked sorted set: tickets that no worker has met yet
-- KEYS[6..]        queue of each product of the order
-- ARGV[1] order id
-- ARGV[2] prefix of the channels on which keepers are woken
-- ARGV[3] which of its tickets, or '' for the one it has now: an order whose first ticket was taken out and published
--         all the same has two
-- ARGV[4] 1 if the order is decided, so that it may be parked, else 0
-- ARGV[5] the record with which it was drawn, or '' for whatever record it has: the ticket of another draw, of the same
--                  order, stays
--
-- Returns {1} if it was taken out, {0} if it is parked, was not in the line or has another record.
-- Keeps: no ticket that may be decided is removed from its decider; a parked ticket that is now at the head of a queue
-- is in heads, and its keeper is notified.
local orders, tickets, parked, heads, unparked = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local orderId, channel = ARGV[1], ARGV[2]

local current = redis.call('HGET', orders, orderId)
local ticket = ARGV[3] ~= '' and ARGV[3] or current
local record = ticket and redis.call('HGET', tickets, ticket)
if not record or ARGV[5] ~= '' and record ~= ARGV[5] then
  return {0}
end
if ARGV[4] == '0' and redis.call('HEXISTS', parked, ticket) == 1 then
  return {0}
end
if current == ticket then
  redis.call('HDEL', orders, orderId)
end
redis.call('HDEL', tickets, ticket)
redis.call('HDEL', parked, ticket)
redis.call('ZREM', heads, ticket)
redis.call('ZREM', unparked, ticket)
local told = {}
for i = 6, #KEYS do
  redis.call('ZREM', KEYS[i], ticket)
  local head = redis.call('ZRANGE', KEYS[i], 0, 0)[1]
  local entry = head and redis.call('HGET', parked, head)
  if entry then
    local keeper = string.match(entry, '^(.*)|') or entry
    redis.call('ZADD', heads, head, head)
    if not told[keeper] then
      told[keeper] = true
      redis.call('PUBLISH', channel .. keeper, 'claim')
    end
  end
end
return {1}
