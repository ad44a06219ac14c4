-- Marks consumed orders as parked: from now on any worker may decide them. An order whose ticket is not in the line is
-- reported, or, if its record is given, joins the line again at its own ticket.
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
-- ARGV[2] how many groups of orders there are, each with the same lines
-- ARGV[3..]        three for each group: positions of its queues in KEYS, in the order of the products, and its
--                  tickets, both joined by commas; its lines as they are in a record;
--                  then three for each order that may join the line again: ticket, order id, record
--
-- Returns {how many are not in the line, then which these are, then which have other lines than the record of their
-- ticket: each by its place among all tickets of ARGV, from 1}; or {'NO_EPOCH'}.
-- Keeps: a parked ticket at the head of a queue is in heads. A ticket is decided by its own record: a second
-- record of an order may have other lines, and its consumer must not decide by it, so it becomes no keeper.
local state, orders, tickets, parked, heads, unparked = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local keeper = ARGV[1]

local epoch, memory = unpack(redis.call('HMGET', state, 'epoch', 'memory'))
if hasNoEpoch(epoch, memory) then
  return {'NO_EPOCH'}
end
local asked, groupOf = {}, {} -- tickets; for each of them the place of its group in ARGV
local entryOf = {} -- place of a group -> the entry in parked of its orders
local firstRecord = 3 + 3 * tonumber(ARGV[2])
for at = 3, firstRecord - 1, 3 do
  local products = {}
  for position in string.gmatch(ARGV[at], '%d+') do
    products[#products + 1] = string.match(KEYS[tonumber(position)], '%d+$')
  end
  entryOf[at] = keeper .. '|' .. table.concat(products, ',')
  for ticket in string.gmatch(ARGV[at + 1], '%d+') do
    asked[#asked + 1] = ticket
    groupOf[#asked] = at
  end
end
local recordAt = {}
for at = firstRecord, #ARGV, 3 do
  recordAt[ARGV[at]] = at + 2
end

inBatches('ZREM', unparked, asked)
local absent, different = {}, {}
local entries, isParked = {}, {} -- two by two, as HSET wants them; tickets that are parked now
for i, record in ipairs(valuesOf(tickets, asked)) do
  local ticket, group = asked[i], groupOf[i]
  local at = recordAt[ticket]
  if not record and at then
    record = ARGV[at]
    redis.call('HSET', orders, ARGV[at - 1], ticket)
    redis.call('HSET', tickets, ticket, record)
    for position in string.gmatch(ARGV[group], '%d+') do
      redis.call('ZADD', KEYS[tonumber(position)], ticket, ticket)
    end
  end
  if not record then
    absent[#absent + 1] = i
  else
    isParked[ticket] = true
    if string.find(record, ARGV[group + 2], 1, true) then
      entries[#entries + 1] = ticket
      entries[#entries + 1] = entryOf[group]
    else
      different[#different + 1] = i
      redis.call('HSETNX', parked, ticket, '|' .. string.match(record, '^[^|]*'))
    end
  end
end
inBatches('HSET', parked, entries)
for position = 7, #KEYS do
  local head = redis.call('ZRANGE', KEYS[position], 0, 0)[1]
  if head and isParked[head] then
    redis.call('ZADD', heads, head, head)
  end
end
local answer = {#absent}
for _, list in ipairs({absent, different}) do
  for _, place in ipairs(list) do
    answer[#answer + 1] = place
  end
end
return answer
