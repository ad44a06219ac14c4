-- Puts right what the line can't go on without, where a key of it was deleted or damaged by hand: a product that is held by a
-- claim that nobody knows is free, a parked ticket that could be claimed is a candidate, its products are those of its record, and
-- a ticket without a record at the head of a queue goes.
--
-- After line.lua.
--
-- KEYS[1] state  hash: epoch, ...
-- KEYS[2] parked hash: ticket -> keeper | product ids joined by commas
-- KEYS[3] heads  sorted set: parked tickets that are at the head of at least one of their queues
-- KEYS[4] held   hash: product id -> fence of the claim that holds it
-- KEYS[5] claims sorted set: fence, scored by the time its lease ends (ms)
-- KEYS[6] tickets hash: ticket -> record
-- KEYS[7..]      queues of the products in ARGV[1]
-- ARGV[1] product ids joined by commas
-- ARGV[2..]      two for each order: ticket, positions of its queues in KEYS joined by commas
--
-- Returns {how many products and tickets were put right}, or {'NO_EPOCH'}.
-- Keeps: as long as a claim is known, nobody else gets its products.
local state, parked, heads, held, claims, tickets = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]

local epoch, memory = unpack(redis.call('HMGET', state, 'epoch', 'memory'))
if hasNoEpoch(epoch, memory) then
  return {'NO_EPOCH'}
end
local mended = 0
local entries = redis.call('HGETALL', held)
for i = 1, #entries, 2 do
  if not redis.call('ZSCORE', claims, entries[i + 1]) then
    mended = mended + redis.call('HDEL', held, entries[i])
  end
end
local headOf = {} -- position of a queue -> the ticket at its head, if nobody holds its product
local products = {}
for product in string.gmatch(ARGV[1], '%d+') do
  products[#products + 1] = product
end
for i, fence in ipairs(valuesOf(held, products)) do
  if not fence then
    local position = 6 + i
    local head = redis.call('ZRANGE', KEYS[position], 0, 0)[1]
    while head and redis.call('HEXISTS', tickets, head) == 0 do
      -- a ticket without a record can't be decided, and no worker would ever take it out
      redis.call('ZREM', KEYS[position], head)
      redis.call('HDEL', parked, head)
      redis.call('ZREM', heads, head)
      mended = mended + 1
      head = redis.call('ZRANGE', KEYS[position], 0, 0)[1]
    end
    headOf[position] = head
  end
end
local asked = {}
for i = 2, #ARGV, 2 do
  asked[#asked + 1] = ARGV[i]
end
local entries, records = valuesOf(parked, asked), valuesOf(tickets, asked)
for i = 2, #ARGV, 2 do
  local ticket, entry, record = ARGV[i], entries[i / 2], records[i / 2]
  local keeper = entry and record and string.match(entry, '^(.*)|')
  local right = keeper and keeper .. '|' .. string.match(record, '^[^|]*')
  if right and right ~= entry then -- an order came twice, with other products
    redis.call('HSET', parked, ticket, right)
    mended = mended + 1
  end
  local first = true
  for at in string.gmatch(ARGV[i + 1], '%d+') do
    first = first and headOf[tonumber(at)] == ticket
  end
  if first and entry then
    mended = mended + redis.call('ZADD', heads, ticket, ticket)
  end
end
return {mended}
