-- One turn at the head of the line: releases a decided run, writes what it left of its stock to the cache, and claims
-- the next run, in one call.
--
-- A run is every ticket, parked by anyone, such that each predecessor in each of its queues is in the same run, walked
-- from the heads of the queues: a ticket becomes a candidate when the last one before it was taken. So a missing head
-- holds up only the queues that contain it, and a dead keeper's parked orders are decided by others. A claimer may have
-- one run in hand that is not decided yet: the next one then begins behind it in its queues, and is its holder's as
-- well.
--
-- A ticket can only be taken if the queues of all its products are declared. So the answer names products to declare
-- next time: first those of the first ticket that lacked some, so that it is never passed by for want of a key, then
-- those of the tickets that follow, in their order, as many as a run may have.
--
-- After line.lua.
--
-- KEYS[1] state    hash: epoch, fence, rebuild, ...
-- KEYS[2] orders   hash: order id -> ticket
-- KEYS[3] tickets  hash: ticket -> record
-- KEYS[4] parked   hash: ticket -> keeper | product ids joined by commas
-- KEYS[5] heads    sorted set: parked tickets that are at the head of at least one of their queues, or were next behind
--                  a run
-- KEYS[6] held     hash: product id -> fence of the last claim that holds it
-- KEYS[7] claims   sorted set: fence, scored by the time its lease ends (ms)
-- KEYS[8] runs     hash: fence -> 'product:orders:last ticket' joined by commas | first tickets of the run joined by
--                  commas
-- KEYS[9] claimants hash: fence -> who claims
-- KEYS[10] unparked sorted set: tickets that no worker has met yet
-- KEYS[11..]       queues of the products in ARGV[7], then cache entries of the products in ARGV[8]
-- ARGV[1] who claims
-- ARGV[2] lease in ms
-- ARGV[3] how many orders to claim at most; 0 claims nothing, and wakes the keepers that can unless there is a run in
--                  hand
-- ARGV[4] prefix of the channels on which keepers are woken
-- ARGV[5] fence of the run to release, or ''
-- ARGV[6] fence of the run that is in hand still, or ''
-- ARGV[7] product ids whose queues are declared, joined by commas
-- ARGV[8] 'product:quantity:version' for each cache entry, joined by commas
-- ARGV[9] since when that is known to be so at least, ms of Redis TIME: when the run was claimed, before its stock was
--                  read
-- ARGV[10] the greatest fence that the ledger has seen where it refused a run of the caller, or 0
-- ARGV[11] tickets of the run to release that are decided, all or none, joined by commas
-- ARGV[12] their order ids, joined by commas
-- ARGV[13..]       two for each of their products: its id, and which of them want it, joined by commas, or '*' for all
--
-- Returns {'NO_EPOCH'} or {fence or '', now in ms, products to declare next time (joined by commas),
--          1 if the run ended at a bound or at a queue that was not declared, so that more may be claimed behind it,
--          else 0, tickets of the claimed orders that the claimer keeps itself (joined by commas), then ticket, keeper,
--          and record for each other claimed order}.
-- Keeps: a product is held by one claim, or by two of the same claimant, one behind the other; a fence is greater than
-- all before it; a parked ticket that is at the head of all its queues, and in no claim, is in heads; the cache never
-- goes back to an older version.
local state, orders, tickets, parked = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local heads, held, claims, runs, claimants, unparked = KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10]
local me, lease, most, channel, oldFence, inHand = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], ARGV[5], ARGV[6]
local FIRST_WINDOW, LAST_OF_FIRST_WINDOW, WINDOW = 2, '1', 128 -- a text, as it is what Redis makes of a number that costs tickets of a queue that are read at once: at first, and at most
local MOST_PRODUCTS, MOST_LINES = 500, 4000 -- of a run, so that a turn ends in time; its first order has its place in any case
local MOST_CANDIDATES = 1024 -- that are considered in one turn
local MOST_LACKING = 64 -- of them, whose queues are not all declared
local MOST_FOLLOWING = 512 -- tickets that are looked at to find what the next run may want
local FEW_PRODUCTS = 64 -- a run with more of them is likely to be followed by others of products that nobody declared

local epoch, memory = unpack(redis.call('HMGET', state, 'epoch', 'memory'))
if hasNoEpoch(epoch, memory) then
  return {'NO_EPOCH'}
end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

local queueOf = {} -- product id -> key of its queue
local position = 10
for product in string.gmatch(ARGV[7], '%d+') do
  position = position + 1
  queueOf[product] = KEYS[position]
end

local function listOf(text)
  local list = {}
  for item in string.gmatch(text, '[^,]+') do
    list[#list + 1] = item
  end
  return list
end

-- Frees what a claim holds; returns its products and the first tickets of its run. Where its run was deleted or damaged
-- by hand, its products are those that are held under its fence, and line-mend makes its tickets candidates again.
local function endClaim(fence)
  redis.call('ZREM', claims, fence)
  redis.call('HDEL', claimants, fence)
  local products, free = {}, {}
  local parts, seeds = string.match(redis.call('HGET', runs, fence) or '', '^([^|]*)|(.*)$')
  redis.call('HDEL', runs, fence)
  if not parts then
    local entries = redis.call('HGETALL', held)
    for i = 1, #entries, 2 do
      if entries[i + 1] == fence then
        products[#products + 1] = entries[i]
      end
    end
    inBatches('HDEL', held, products)
    return products, ''
  end
  for product in string.gmatch(parts, '(%d+)[^,]*') do
    products[#products + 1] = product
  end
  for i, holder in ipairs(valuesOf(held, products)) do
    if holder == fence then
      free[#free + 1] = products[i]
    end
  end
  inBatches('HDEL', held, free)
  return products, seeds
end

-- 1. The cache: newer versions only.
for product, quantity, version in string.gmatch(ARGV[8], '(%d+):(%d+):(%d+)') do
  position = position + 1
  local entry = KEYS[position]
  local cached, confirmed = unpack(redis.call('HMGET', entry, 'version', 'confirmed'))
  if (tonumber(cached) or 0) <= tonumber(version) then
    confirmed = cached == version and tonumber(confirmed) or 0
    redis.call('HSET', entry, 'quantity', quantity, 'version', version,
      'confirmed', math.max(tonumber(ARGV[9]), confirmed))
  end
end

-- 2. Decided tickets leave the line, whatever claim holds them now: what the ledger decided is final.
local freed = {} -- set of the products whose heads may have changed
local decided = listOf(ARGV[11])
if #decided > 0 then
  inBatches('HDEL', tickets, decided)
  if inBatches('HDEL', parked, decided) < #decided then
    -- an older memory came back, in which they are not parked yet
    inBatches('ZREM', unparked, decided)
  end
  if redis.call('EXISTS', heads) == 1 then
    inBatches('ZREM', heads, decided)
  end
  inBatches('HDEL', orders, listOf(ARGV[12]))
  for at = 13, #ARGV, 2 do
    local product, wanting = ARGV[at], ARGV[at + 1]
    inBatches('ZREM', queueOf[product], wanting == '*' and decided or listOf(wanting))
    freed[product] = true
  end
end

-- 3. The old claim ends, and claims that will not be released. What they did not decide can be claimed again.
if oldFence ~= '' then
  for _, product in ipairs((endClaim(oldFence))) do
    freed[product] = true
  end
end
local function abandon(fence)
  local _, seeds = endClaim(fence)
  for seed in string.gmatch(seeds, '%d+') do
    redis.call('ZADD', heads, seed, seed)
  end
end
for _, fence in ipairs(redis.call('ZRANGEBYSCORE', claims, '-inf', now, 'LIMIT', 0, 16)) do
  abandon(fence)
end
-- A claimer has no claims but those that it names: another one under its name is one whose answer it never got.
-- And a claim without a lease is free: the lease has ended, or was deleted by hand.
local claimed = redis.call('HGETALL', claimants)
for i = 1, #claimed, 2 do
  local fence, who = claimed[i], claimed[i + 1]
  if (who == me and fence ~= inHand) or not redis.call('ZSCORE', claims, fence) then
    abandon(fence)
  end
end

-- 4. The run in hand stays held, also where a claim behind it has ended. Behind it in a queue, its holder may claim on
-- if all tickets up to its last one are in it: their number leads to the next one.
local declared, heldBy = {}, {} -- product ids; product id -> fence of the claim that holds it, or false
for product in pairs(queueOf) do
  declared[#declared + 1] = product
end
for i, fence in ipairs(valuesOf(held, declared)) do
  heldBy[declared[i]] = fence
end
local behind = {} -- product id -> how many tickets of its queue are in hand
local heldAgain = {}
local handed = inHand ~= '' and redis.call('HGET', runs, inHand)
for product, count, last in string.gmatch(handed or '', '(%d+):(%d+):(%d+)') do
  local queue = queueOf[product]
  if heldBy[product] == false then
    heldBy[product] = inHand
    heldAgain[#heldAgain + 1] = product
    heldAgain[#heldAgain + 1] = inHand
  end
  if queue and heldBy[product] == inHand and (most > 0 or freed[product])
    and redis.call('ZCOUNT', queue, '-inf', last) == tonumber(count) then
    behind[product] = tonumber(count)
  end
end
inBatches('HSET', held, heldAgain)

local entryOf = {} -- ticket -> its entry in parked; false if it is not parked
local function loadTickets(list)
  local unknown = {}
  for i = 1, #list do
    if entryOf[list[i]] == nil then
      unknown[#unknown + 1] = list[i]
    end
  end
  local entries = valuesOf(parked, unknown)
  for i = 1, #unknown do
    entryOf[unknown[i]] = entries[i]
  end
end

-- Makes those of these tickets candidates that are parked.
local function becomeCandidates(list)
  loadTickets(list)
  local scored = {}
  for _, ticket in ipairs(list) do
    if entryOf[ticket] then
      scored[#scored + 1] = ticket
      scored[#scored + 1] = ticket
    end
  end
  inBatches('ZADD', heads, scored)
end

local windows, passed = {}, {} -- per product: tickets read from its head on, or behind what is in hand; how many of them are in the run

-- Reads on in the queue of a product where nothing is left of what was read. Of a queue in which the run goes on, what
-- is read is loaded at once; of others hardly more than the first is looked at.
local function readOn(product)
  local window = windows[product]
  if not window then
    local first = behind[product]
    if first then
      window = redis.call('ZRANGE', queueOf[product], first, first + FIRST_WINDOW - 1)
    else
      window = redis.call('ZRANGE', queueOf[product], '0', LAST_OF_FIRST_WINDOW)
    end
    window.size, window.whole = 2 * FIRST_WINDOW, #window < FIRST_WINDOW
    windows[product] = window
  elseif passed[product] == #window and not window.whole then
    local first = (behind[product] or 0) + #window
    local more = redis.call('ZRANGE', queueOf[product], first, first + window.size - 1)
    window.whole = #more < window.size
    window.size = math.min(2 * window.size, WINDOW)
    loadTickets(more)
    for j = 1, #more do
      window[#window + 1] = more[j]
    end
  end
end

-- The first ticket of a product's queue that is not in the run, or nil.
local function nextOf(product)
  return windows[product][(passed[product] or 0) + 1]
end

-- Makes the parked ones of the next tickets of these products candidates.
local function headsBecomeCandidates(products)
  local first = {}
  for _, product in ipairs(products) do
    readOn(product)
    first[#first + 1] = nextOf(product)
  end
  becomeCandidates(first)
end

-- A parked head must be a candidate, unless it is in hand.
local freedProducts = {}
for product in pairs(freed) do
  if queueOf[product] and not behind[product] then
    freedProducts[#freedProducts + 1] = product
  end
end
headsBecomeCandidates(freedProducts)

-- 5. The next claim; none while the line is being rebuilt after a loss of memory.
local rebuilding = redis.call('HEXISTS', state, 'rebuild') == 1
local wanted, isWanted = {}, {} -- products that should be declared next time: a list, and the same as a set
local lackingTickets = {} -- those that lacked the queue of a product
local lacking = 0 -- how many of them were candidates
local taken, run, seeds, lastOf, heldList, lines = {}, {}, {}, {}, {}, 0
local full = false -- whether the run has ended at a bound

local said = {} -- an entry -> what it says, and whether all of the queues are declared
local function productsOf(ticket)
  local entry = entryOf[ticket]
  if entry == nil then
    loadTickets({ticket})
    entry = entryOf[ticket]
  end
  if not entry then
    return nil
  end
  local products = said[entry]
  if products == nil then
    local keeper, ids = string.match(entry, '^(.*)|([%d,]+)$')
    products = keeper and {keeper = keeper, declared = true}
      or false -- damaged, or of an earlier build: its keeper finds it astray, and parks it anew
    for product in string.gmatch(ids or '', '%d+') do
      products[#products + 1] = product
      products.declared = products.declared and queueOf[product] ~= nil
    end
    said[entry] = products
  end
  return products or nil
end

-- All of them, also those that are declared now: the next turn may not declare them for another reason.
local function declareNext(products)
  for i = 1, #products do
    local product = products[i]
    if not isWanted[product] then
      isWanted[product] = true
      wanted[#wanted + 1] = product
    end
  end
end

local TAKEN, NOT_YET, LATER, LACKING = 1, 2, 3, 4
-- Takes a ticket into the run if it is parked and next in all of its queues.
-- NOT_YET: another ticket goes before it, whose end will make it a head again. LATER, LACKING: it must stay a
-- candidate.
local function consider(ticket)
  if taken[ticket] then
    return TAKEN
  end
  local products = productsOf(ticket)
  if not products then
    return NOT_YET
  end
  for i = 1, #products do
    local product = products[i]
    if queueOf[product] then
      readOn(product)
      if nextOf(product) ~= ticket then
        return NOT_YET
      end
    end
  end
  if not products.declared then
    lackingTickets[#lackingTickets + 1] = ticket
    return LACKING
  end
  local new = 0
  for i = 1, #products do
    local product = products[i]
    if not lastOf[product] then
      new = new + 1
      if not behind[product] and heldBy[product] then
        return LATER
      end
    end
  end
  if #run > 0 and (#heldList + new > MOST_PRODUCTS or lines + #products > MOST_LINES) then
    full = true
    return LATER
  end
  taken[ticket] = true
  run[#run + 1] = ticket
  lines = lines + #products
  for i = 1, #products do
    local product = products[i]
    if not lastOf[product] then
      heldList[#heldList + 1] = product
      if seeds[#seeds] ~= ticket then
        seeds[#seeds + 1] = ticket
      end
    end
    lastOf[product] = ticket
    passed[product] = (passed[product] or 0) + 1
  end
  full = #run >= most
  return TAKEN, products
end

local waking = most == 0 and inHand == ''
local claiming = most > 0 and not rebuilding
if claiming then
  local products = {}
  for product in pairs(behind) do
    products[#products + 1] = product
  end
  headsBecomeCandidates(products)
end
local woken = {}
local offset = 0
while (claiming and not full or waking and not rebuilding) and offset < MOST_CANDIDATES and lacking < MOST_LACKING do
  local candidates = redis.call('ZRANGE', heads, offset, offset + WINDOW - 1)
  if #candidates == 0 then
    break
  end
  loadTickets(candidates)
  local notYet = {}
  for _, candidate in ipairs(candidates) do
    if waking then
      local products = productsOf(candidate)
      if products and products.keeper ~= me and not woken[products.keeper] then
        woken[products.keeper] = true
        redis.call('PUBLISH', channel .. products.keeper, 'claim')
      end
      offset = offset + 1
    elseif full or lacking >= MOST_LACKING then
      break
    else
      local verdict, products = consider(candidate)
      if verdict == LACKING then
        lacking = lacking + 1
      end
      if verdict == NOT_YET then
        notYet[#notYet + 1] = candidate
      else
        offset = offset + 1
      end
      -- its followers, each as soon as the last one before it is in
      local followers = products and {products} or {}
      local at = 1
      while followers[at] and not full do
        for _, product in ipairs(followers[at]) do
          if not full then
            readOn(product)
          end
          local follower = not full and nextOf(product)
          if follower then
            local _, more = consider(follower)
            if more then
              followers[#followers + 1] = more
            end
          end
        end
        at = at + 1
      end
    end
  end
  inBatches('ZREM', heads, notYet)
end
local more = full or #lackingTickets > 0
inBatches('ZREM', heads, run)

-- 6. What the next turn should declare: first the queues of the first ticket that lacked some, then those of the
-- tickets that were drawn next, in their order: what stands before one of them is declared as well, so they can be
-- taken together. Where these are held by others, those of the other tickets that lacked some.
if claiming and (#lackingTickets > 0 or #heldList > FEW_PRODUCTS) then
  local function declareThose(list) -- tells whether to go on
    local met = false
    loadTickets(list)
    for _, ticket in ipairs(list) do
      if #wanted >= MOST_PRODUCTS then
        return false
      end
      met = met or entryOf[ticket]
      if not taken[ticket] then
        declareNext(productsOf(ticket) or {})
      end
    end
    return met
  end
  local first = tonumber(redis.call('ZRANGE', heads, '0', '0')[1])
  for i, ticket in ipairs(lackingTickets) do
    first = i == 1 and tonumber(ticket) or math.min(first, tonumber(ticket))
  end
  local beyond = first and first + math.min(most, MOST_FOLLOWING) or 0
  for following = first or 1, beyond - 1, WINDOW do
    local list = {}
    for number = following, math.min(following + WINDOW, beyond) - 1 do
      list[#list + 1] = string.format('%.0f', number)
    end
    if not declareThose(list) then
      break
    end
  end
  declareThose(lackingTickets)
end
local wantedProducts = table.concat(wanted, ',')
if #run == 0 then
  return {'', now, wantedProducts, more and 1 or 0, ''}
end
local count = redis.call('HINCRBY', state, 'fence', 1)
-- A row that was changed by hand may have a greater fence than this line ever gave: no worker could decide its
-- orders.
local seen = tonumber(ARGV[10]) - tonumber(epoch) * 2 ^ 40
if count <= seen then
  count = seen + 1
  redis.call('HSET', state, 'fence', string.format('%.0f', count))
end
local fence = string.format('%.0f', tonumber(epoch) * 2 ^ 40 + count)
redis.call('ZADD', claims, now + lease, fence)
local parts, holds = {}, {}
for i, product in ipairs(heldList) do
  holds[2 * i - 1], holds[2 * i] = product, fence
  parts[i] = product .. ':' .. passed[product] .. ':' .. lastOf[product]
end
if #heldList > FEW_PRODUCTS then
  -- A long value makes Redis keep the hash as a table at once; in the list that it is at first, each field is searched
  -- for.
  redis.call('HSET', held, 'table', string.rep('-', 100))
  inBatches('HSET', held, holds)
  redis.call('HDEL', held, 'table')
else
  inBatches('HSET', held, holds)
end
redis.call('HSET', runs, fence, table.concat(parts, ',') .. '|' .. table.concat(seeds, ','))
redis.call('HSET', claimants, fence, me)

local mine, others = {}, {}
for _, ticket in ipairs(run) do
  local list = productsOf(ticket).keeper == me and mine or others
  list[#list + 1] = ticket
end
local answer = {fence, now, wantedProducts, more and 1 or 0, table.concat(mine, ',')}
local records = valuesOf(tickets, others)
for i, ticket in ipairs(others) do
  local n = #answer
  answer[n + 1], answer[n + 2], answer[n + 3] = ticket, productsOf(ticket).keeper, records[i] or ''
end
return answer
