-- Notes that partitions were consumed past the end offset that was read at a time: whatever was published before it has
-- been met by a worker.
--
-- KEYS[1] seen     hash: partition -> time (ms)
-- ARGV[1] the time, ms of Redis TIME, read before the end offsets were
-- ARGV[2..] the partitions
--
-- Returns {}.
-- Keeps: a partition's time never goes back.
for i = 2, #ARGV do
  if tonumber(redis.call('HGET', KEYS[1], ARGV[i]) or 0) < tonumber(ARGV[1]) then
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[1])
  end
end
return {}
