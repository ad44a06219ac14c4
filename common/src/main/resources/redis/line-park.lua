-- Marks consumed orders as parked: from now on any worker may decide them. An order whose ticket is not in the line is
-- reported, or, if its record is given, stands again at its own ticket.
--
-- After line.lua.
--
-- KEYS[1] state    hash: epoch, ...
-- KEYS[2] orders   hash: order id -> ticket
-- KEYS[3] tickets  hash: ticket -> record
-- KEYS[4] parked   hash: ticket -> keeper | product ids joined by commas
-- KEYS[5] heads    sorted set: parked tickets that are at the head of at least one of their queues
-- KEYS[6] unparked sorted set: tickets that no worker has met yet
-- KEYS[7..]        queues of the products of the orders
-- ARGV[1] keeper: the worker that consumed them
-- ARGV[2] how many groups of orders there are, each with the same products
-- ARGV[3..]        two for each group: positions of its queues in KEYS, in the order of the products, and its tickets, both
--                  joined by commas
-- then three for each order that may stand in the line again: ticket, order id, record
--
-- Returns the tickets that are not in the line; or {'NO_EPOCH'}.
-- Keeps: a parked ticket at the head of a queue is in heads.
local state, orders, tickets, parked, heads, unparked = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local keeper = ARGV[1]

local epoch, memory = unpack(redis.call('HMGET', state, 'epoch', 'memory'))
if hasNoEpoch(epoch, memory) then
  return {'NO_EPOCH'}
end
local asked, positionsOf = {}, {} -- tickets; ticket -> positions of its queues
local entryOf = {} -- positions, or a ticket -> what stands in parked
local firstRecord = 3 + 2 * tonumber(ARGV[2])
for at = 3, firstRecord - 1, 2 do
  local products = {}
  for position in string.gmatch(ARGV[at], '%d+') do
    products[#products + 1] = string.match(KEYS[tonumber(position)], '%d+$')
  end
  entryOf[ARGV[at]] = keeper .. '|' .. table.concat(products, ',')
  for ticket in string.gmatch(ARGV[at + 1], '%d+') do
    asked[#asked + 1] = ticket
    positionsOf[ticket] = ARGV[at]
  end
end

-- Whoever no worker has met is in the line. Only where somebody was met before, each is looked up.
local present, absent = asked, {}
if inBatches('ZREM', unparked, asked) < #asked then
  local recordOf = {}
  for at = firstRecord, #ARGV, 3 do
    recordOf[ARGV[at]] = at + 2
  end
  present = {}
  for i, known in ipairs(valuesOf(tickets, asked)) do
    local ticket = asked[i]
    local record = recordOf[ticket]
    if not known and record then
      redis.call('HSET', orders, ARGV[record - 1], ticket)
      redis.call('HSET', tickets, ticket, ARGV[record])
      for position in string.gmatch(positionsOf[ticket], '%d+') do
        redis.call('ZADD', KEYS[tonumber(position)], ticket, ticket)
      end
    end
    if known then
      -- a second record of an order may name other products; the queues are those of the first
      entryOf[ticket] = keeper .. '|' .. string.match(known, '^[^|]*')
    end
    if known or record then
      present[#present + 1] = ticket
    else
      absent[#absent + 1] = ticket
      positionsOf[ticket] = nil
    end
  end
end
local entries = {}
for i, ticket in ipairs(present) do
  entries[2 * i - 1], entries[2 * i] = ticket, entryOf[ticket] or entryOf[positionsOf[ticket]]
end
inBatches('HSET', parked, entries)
for position = 7, #KEYS do
  local head = redis.call('ZRANGE', KEYS[position], 0, 0)[1]
  if head and positionsOf[head] then
    redis.call('ZADD', heads, head, head)
  end
end
return absent
