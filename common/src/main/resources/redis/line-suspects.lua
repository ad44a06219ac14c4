-- Finds tickets that were drawn and may never be published: older than a publication can take, or drawn by an API whose
-- heart has stopped. Such a ticket is an orphan once every partition was consumed past an end offset that was read
-- after it became suspect, and no worker consumed it. Returns also whether the line is being rebuilt, and which tickets
-- of earlier epochs no worker has consumed: where an older memory came back, their orders may be decided long since.
--
-- After line.lua.
--
-- KEYS[1] unparked sorted set: tickets that no worker has met yet, scored by the time of the draw (ms)
-- KEYS[2] tickets  hash: ticket -> record (product ids | order id | who drew | JSON)
-- KEYS[3] beats    hash: who draws -> time of its last heartbeat (ms)
-- KEYS[4] seen     hash: partition -> time of reading the end offset past which it was consumed (ms)
-- KEYS[5] state    hash: epoch, rebuild, ...
-- ARGV[1] how long a publication can take at most, ms
-- ARGV[2] how long a live API's heartbeat can be missing at most, ms
-- ARGV[3] number of partitions
-- ARGV[4] how many tickets to read, oldest first
--
-- Returns {now in ms, epoch, 1 if the line is being rebuilt else 0, how many are suspect, how many of these are
-- orphans, then ticket and order id of each orphan, then those of each one of an earlier epoch that is no orphan}, or
-- {'NO_EPOCH'}.
-- Keeps: nothing is changed.
local unparked, tickets, beats, seen, state = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local publishLimit, heartbeatLimit, partitions = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])

local epoch, memory = unpack(redis.call('HMGET', state, 'epoch', 'memory'))
if hasNoEpoch(epoch, memory) then
  return {'NO_EPOCH'}
end
local rebuilding = redis.call('HEXISTS', state, 'rebuild')
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local oldest = redis.call('ZRANGE', unparked, 0, tonumber(ARGV[4]) - 1, 'WITHSCORES')
if #oldest == 0 then
  return {now, epoch, rebuilding, 0, 0}
end

-- everything published before this time was met by a worker
local metUpTo = now
local seenAt = {}
for partition = 0, partitions - 1 do
  seenAt[#seenAt + 1] = partition
end
for _, at in ipairs(redis.call('HMGET', seen, unpack(seenAt))) do
  metUpTo = math.min(metUpTo, tonumber(at) or 0)
end

local beatOf = {}
local suspects, orphans, earlier = 0, {}, {}
for i = 1, #oldest, 2 do
  local ticket, suspectSince = oldest[i], tonumber(oldest[i + 1]) + publishLimit
  local record = redis.call('HGET', tickets, ticket)
  local orderId, drawer = string.match(record or '', '^[^|]*|([^|]*)|([^|]*)|')
  if drawer and drawer ~= '' then
    if beatOf[drawer] == nil then
      beatOf[drawer] = tonumber(redis.call('HGET', beats, drawer)) or 0
    end
    -- an API that never had a heartbeat, or lost it with the memory of Redis, is judged by the age of the ticket
    if beatOf[drawer] > 0 then
      suspectSince = math.min(suspectSince, beatOf[drawer] + heartbeatLimit)
    end
  end
  local list
  if suspectSince <= now then
    suspects = suspects + 1
    list = metUpTo >= suspectSince and orphans
  end
  list = list or math.floor(tonumber(ticket) / 2 ^ 40) < tonumber(epoch) and earlier
  if list and orderId then
    list[#list + 1] = ticket
    list[#list + 1] = orderId
  end
end
local answer = {now, epoch, rebuilding, suspects, #orphans / 2}
for _, list in ipairs({orphans, earlier}) do
  for _, part in ipairs(list) do
    answer[#answer + 1] = part
  end
end
return answer
