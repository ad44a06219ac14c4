-- Deletes those keys that are their callers'.
--
-- KEYS[1..] the locks
-- ARGV[1..] for each lock the owner that releases it
--
-- Returns {number of keys deleted}.
--
-- Invariant: no one else's lock is released.
local deleted = 0
for i = 1, #KEYS do
  if redis.pcall('GET', KEYS[i]) == ARGV[i] then
    deleted = deleted + redis.call('DEL', KEYS[i])
  end
end
return {deleted}
