-- Puts right what the line can't go on without, where a key of it was deleted or damaged by hand: a product that is
-- held by a claim that is unknown is free, a ticket whose record is lost or invalid is no longer parked, so that its
-- keeper adds it to the line again, a parked ticket is in all of its queues and could be claimed, its products are
-- those of its record, its order is known by its id, and a ticket without a record at the head of a queue goes.
--
-- After line.lua.
--
-- KEYS[1] state  hash: epoch, ...
-- KEYS[2] parked hash: ticket -> keeper | product ids joined by commas
-- KEYS[3] heads  sorted set: parked tickets that are at the head of at least one of their queues
-- KEYS[4] held   hash: product id -> fence of the claim that holds it
-- KEYS[5] claims sorted set: fence, scored by the time its lease ends (ms)
-- KEYS[6] tickets hash: ticket -> record
-- KEYS[7] orders hash: order id -> ticket
-- KEYS[8..]      queues of the products in ARGV[1]
-- ARGV[1] product ids joined by commas
-- ARGV[2..]      two for each order: ticket, positions of its queues in KEYS joined by commas
--
-- Returns {how many products and tickets were put right}, or {'NO_EPOCH'}.
-- Keeps: while a claim is known, no other claim gets its products.
local state, parked, heads, held, claims, tickets, orders = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]

local epoch, memory = unpack(redis.call('HMGET', state, 'epoch', 'memory'))
if hasNoEpoch(epoch, memory) then
  return {'NO_EPOCH'}
end
local mended = 0

-- 1. Products without a known claim are free.
local entries = redis.call('HGETALL', held)
for i = 1, #entries, 2 do
  if not redis.call('ZSCORE', claims, entries[i + 1]) then
    mended = mended + redis.call('HDEL', held, entries[i])
  end
end

-- 2. Each order has its record, its entry and its places.
local products, productAt = {}, {} -- product ids; position of a queue -> its product id
for product in string.gmatch(ARGV[1], '%d+') do
  products[#products + 1] = product
  productAt[7 + #products] = product
end
local asked, positionsOf = {}, {} -- tickets; ticket -> positions of its queues, if they are those of its record
for i = 2, #ARGV, 2 do
  asked[#asked + 1] = ARGV[i]
end
local lost = {} -- tickets whose record is lost
local ids, ticketOf = {}, {} -- of orders that are parked; id -> ticket
local ticketsAt = {} -- position of a queue -> tickets that should be in it
local entries, records = valuesOf(parked, asked), valuesOf(tickets, asked)
for i, ticket in ipairs(asked) do
  local entry, record = entries[i], records[i]
  local wanted, orderId = string.match(record or '', '^(%d[%d,]*)|(%x[%x-]+)|[^|]*|{.*}$')
  if not wanted then
    if entry or record then
      lost[#lost + 1] = ticket
    end
  elseif entry then
    local keeper = string.match(entry, '^(.*)|')
    local right = keeper and keeper .. '|' .. wanted
    if right and right ~= entry then -- an order came twice, with other products
      redis.call('HSET', parked, ticket, right)
      mended = mended + 1
    end
    local positions, own = {}, {}
    for at in string.gmatch(ARGV[2 * i + 1], '%d+') do
      positions[#positions + 1] = tonumber(at)
      own[#own + 1] = productAt[tonumber(at)]
    end
    ids[#ids + 1] = orderId
    ticketOf[orderId] = ticket
    if table.concat(own, ',') == wanted then
      positionsOf[ticket] = positions
      for _, at in ipairs(positions) do
        local list = ticketsAt[at] or {}
        ticketsAt[at] = list
        list[#list + 1] = ticket
      end
    end
  end
end
if #lost > 0 then
  inBatches('HDEL', tickets, lost)
  inBatches('HDEL', parked, lost)
  inBatches('ZREM', heads, lost)
  mended = mended + #lost
end
local unknown = {}
for i, known in ipairs(valuesOf(orders, ids)) do
  if not known then
    unknown[#unknown + 1] = ids[i]
    unknown[#unknown + 1] = ticketOf[ids[i]]
  end
end
inBatches('HSET', orders, unknown)
mended = mended + #unknown / 2
for at, list in pairs(ticketsAt) do
  for first = 1, #list, BATCH do
    local scores = redis.call('ZMSCORE', KEYS[at], unpack(list, first, math.min(first + BATCH - 1, #list)))
    for i = 1, #scores do
      if not scores[i] then
        local ticket = list[first + i - 1]
        mended = mended + redis.call('ZADD', KEYS[at], ticket, ticket)
      end
    end
  end
end

-- 3. The head of each queue has a record, and is a candidate if it is parked and first in all of its queues.
local headOf = {} -- position of a queue -> the ticket at its head, if nobody holds its product
for i, fence in ipairs(valuesOf(held, products)) do
  if not fence then
    local position = 7 + i
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
for ticket, positions in pairs(positionsOf) do
  local first = true
  for _, at in ipairs(positions) do
    first = first and headOf[at] == ticket
  end
  if first then
    mended = mended + redis.call('ZADD', heads, ticket, ticket)
  end
end
return {mended}
