-- Notes that partitions were consumed past the end offset that was read at a time: whatever was published before it has
-- been consumed by a worker, and is in the line if it is undecided. With the last partition a line that lost its memory
-- is whole again.
--
-- After line.lua.
--
-- KEYS[1] seen     hash: partition -> time (ms)
-- KEYS[2] state    hash: epoch, rebuild (ms: when the epoch began; while it is there, nothing is claimed), ...
-- ARGV[1] the time, ms of Redis TIME, read before the end offsets were
-- ARGV[2] the epoch in which it was read: what was read before a loss of memory says nothing about what came after
-- ARGV[3] number of partitions of the topic
-- ARGV[4..] the partitions that were consumed so far
--
-- Returns {1 if the line is whole again by this, else 0}, or {'NO_EPOCH'}.
-- Keeps: a partition's time never goes back.
local seen, state = KEYS[1], KEYS[2]

local epoch, memory = unpack(redis.call('HMGET', state, 'epoch', 'memory'))
if hasNoEpoch(epoch, memory) then
  return {'NO_EPOCH'}
end
if epoch ~= ARGV[2] then
  return {0}
end
for i = 4, #ARGV do
  if (tonumber(redis.call('HGET', seen, ARGV[i])) or 0) < tonumber(ARGV[1]) then
    redis.call('HSET', seen, ARGV[i], ARGV[1])
  end
end
local since = redis.call('HGET', state, 'rebuild')
if not since then
  return {0}
end
for partition = 0, tonumber(ARGV[3]) - 1 do
  if (tonumber(redis.call('HGET', seen, partition)) or 0) < (tonumber(since) or 0) then
    return {0}
  end
end
return {redis.call('HDEL', state, 'rebuild')}
