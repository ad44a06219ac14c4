-- Admission. Draws the next tickets for orders, in their order, and puts each at the end of the queue of every product
-- of its order, at once, so that any two orders have the same relative order in every queue they share. An order that
-- has a ticket keeps it; one for which there is no stock, or no room, gets none, and leaves nothing. Requests under an
-- idempotency key are remembered with the ticket; one that is remembered and no longer in the line gets none until the
-- ledger was asked for its outcome.
--
-- After line.lua and requests.lua.
--
-- KEYS[1] state    hash: epoch, memory, seq (last ticket of the epoch), fence (last claim of the epoch)
-- KEYS[2] orders   hash: order id -> ticket
-- KEYS[3] tickets  hash: ticket -> record
-- KEYS[4] unparked sorted set: tickets that no worker has met yet, scored by the time of the draw (ms)
-- KEYS[5] refused  list: 'product:version:wanted:last ticket drawn', one for each product and version that rejected an
--                  order
-- KEYS[6] requests hash: id of a key -> digest of its first request|ms
-- KEYS[7] ages     list: ms|id of a key, the oldest first
-- KEYS[8..]        for each product of the orders its queue, a sorted set of tickets, scored by ticket, and its cache
--                  entry, a hash: quantity, version, confirmed (ms), refused (the last version that is in the list)
-- ARGV[1] how many tickets may be in the line at most
-- ARGV[2] for how long after it was confirmed a cache entry may reject an order, ms; 0 rejects none
-- ARGV[3] what the orders want, each want once: 'positions:quantities' joined by blanks, both joined by commas: where
--         its queues are in KEYS, and how much of each product
-- ARGV[4] for each order which of the wants is its own, from 1, joined by commas
-- ARGV[5] how many keys are remembered at most
-- ARGV[6] for how long, ms
-- ARGV[7..]        four for each order: order id, record: product ids joined by commas | order id | who draws | the
--                  order as JSON, id of its key and digest of its request, both '' where it has none; the digest stands
--                  behind a '+' where the ledger was asked for the order and knows no outcome: then it draws,
--                  remembered or not
--
-- Returns {tickets in the line, then for each order its ticket, behind a '=' where another draw made it, or '' where
-- the line was full, or, where stock was short, 'product:available' joined by commas, with a comma at the end, or OTHER
-- where another request came first under its key, or KNOWN where the same did, and has left the line}, or {'NO_EPOCH'}
-- (the memory has none; nothing was changed).
-- Keeps: a ticket is in tickets, in orders and in all of its queues, or in none of them. An order is rejected only on
-- stock that the ledger committed: what earlier tickets leave of it is not more.
local state, orders, tickets, unparked, refused = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local requests, ages = KEYS[6], KEYS[7]
local maxWaiting, fresh = tonumber(ARGV[1]), tonumber(ARGV[2])
local rememberedAtMost, rememberedFor = tonumber(ARGV[5]), tonumber(ARGV[6])
local REMEMBERED = 10000 -- refusals that are kept as evidence

local epoch, memory, seq = unpack(redis.call('HMGET', state, 'epoch', 'memory', 'seq'))
if hasNoEpoch(epoch, memory) then
  return {'NO_EPOCH'}
end
local last = tonumber(seq or 0)
local now = nowMs()
local waiting = redis.call('HLEN', tickets)

-- '%.0f': the default form rounds to 14 digits and would give neighbours one name from epoch 91 on
local function ticketOf(sequence)
  return string.format('%.0f', tonumber(epoch) * 2 ^ 40 + sequence)
end

local stocks = {} -- position of a queue -> what its product's cache entry says, if it may be believed
local function stockAt(position)
  if stocks[position] == nil then
    local quantity, version, confirmed, told =
      unpack(redis.call('HMGET', KEYS[position + 1], 'quantity', 'version', 'confirmed', 'refused'))
    local believed = tonumber(quantity) and version and (tonumber(confirmed) or 0) > now - fresh
    stocks[position] = believed and {quantity = tonumber(quantity), version = version, told = told == version}
  end
  return stocks[position]
end

local function numbersOf(text)
  local numbers = {}
  for number in string.gmatch(text, '%d+') do
    numbers[#numbers + 1] = tonumber(number)
  end
  return numbers
end

local wants = {} -- each: positions of its queues, quantities, and, once it is known, what is short of it
for positions, quantities in string.gmatch(ARGV[3], '([%d,]+):([%d,]+)') do
  wants[#wants + 1] = {positions = numbersOf(positions), quantities = numbersOf(quantities)}
end
local wantOf = numbersOf(ARGV[4])

-- What is short of a want, 'product:available,' each, or ''.
local function shortages(want)
  local short = ''
  for i, position in ipairs(want.positions) do
    local wanted = want.quantities[i]
    local stock = stockAt(position)
    if stock and stock.quantity < wanted then
      local product = string.match(KEYS[position], '%d+$')
      short = short .. product .. ':' .. stock.quantity .. ','
      if not stock.told then
        stock.told = true
        redis.call('HSET', KEYS[position + 1], 'refused', stock.version)
        redis.call('RPUSH', refused, product .. ':' .. stock.version .. ':' .. wanted .. ':' .. ticketOf(last))
        redis.call('LTRIM', refused, -REMEMBERED, -1)
      end
    end
  end
  return short
end

local asked, records, keyOf, digestOf, isUndecided = {}, {}, {}, {}, {}
local keys, ticketOfOrder, digestOfKey = {}, {}, {}
for i = 7, #ARGV, 4 do
  local n = #asked + 1
  local undecided, digest = string.match(ARGV[i + 3], '^(%+?)(.*)$')
  asked[n], records[n], keyOf[n] = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  digestOf[n], isUndecided[n] = digest, undecided == '+'
  if keyOf[n] ~= '' then
    keys[#keys + 1] = keyOf[n]
  end
end
for i, ticket in ipairs(valuesOf(orders, asked)) do
  ticketOfOrder[asked[i]] = ticket
end
if #keys > 0 then
  for i, digest in ipairs(recalled(requests, keys, now, rememberedFor)) do
    digestOfKey[keys[i]] = digest
  end
end

local answers = {}
local newOrders, newTickets, newUnparked, newInQueue = {}, {}, {}, {} -- each two by two, as the commands want them
local newRequests = {}

-- Draws for an order without a ticket; returns the ticket, or what is short, or '' if the line is full.
local function draw(orderId, record, want)
  want.short = want.short or fresh > 0 and shortages(want) or ''
  if want.short ~= '' or waiting >= maxWaiting then
    return want.short
  end
  waiting = waiting + 1
  last = last + 1
  local ticket = ticketOf(last)
  ticketOfOrder[orderId] = ticket
  local n = #newOrders
  newOrders[n + 1], newOrders[n + 2] = orderId, ticket
  newTickets[n + 1], newTickets[n + 2] = ticket, record
  newUnparked[n + 1], newUnparked[n + 2] = now, ticket
  for _, position in ipairs(want.positions) do
    local queue = newInQueue[position] or {}
    newInQueue[position] = queue
    local length = #queue
    queue[length + 1], queue[length + 2] = ticket, ticket
  end
  return ticket
end

for i = 1, #asked do
  local orderId, record, key, digest = asked[i], records[i], keyOf[i], digestOf[i]
  local ticket, first = ticketOfOrder[orderId], key ~= '' and digestOfKey[key]
  if first and first ~= digest then
    answers[i + 1] = 'OTHER'
  elseif ticket then
    -- a draw that runs twice, as its answer was lost, finds the record that it left
    answers[i + 1] = redis.call('HGET', tickets, ticket) == record and ticket or '=' .. ticket
  elseif first and not isUndecided[i] then
    answers[i + 1] = 'KNOWN'
  else
    answers[i + 1] = draw(orderId, record, wants[wantOf[i]])
    if key ~= '' and not first and ticketOfOrder[orderId] then
      digestOfKey[key] = digest
      newRequests[#newRequests + 1], newRequests[#newRequests + 2] = key, digest
    end
  end
end
if #newOrders > 0 then
  redis.call('HSET', state, 'seq', last)
  inBatches('HSET', orders, newOrders)
  inBatches('HSET', tickets, newTickets)
  inBatches('ZADD', unparked, newUnparked)
  for position, queue in pairs(newInQueue) do
    inBatches('ZADD', KEYS[position], queue)
  end
end
if #newRequests > 0 then
  remember(requests, ages, newRequests, now, rememberedAtMost, rememberedFor)
end
answers[1] = waiting
return answers
