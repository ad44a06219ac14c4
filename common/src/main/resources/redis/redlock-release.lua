-- Deletes those keys of a set that are the caller's.
--
-- KEYS[1..] the locks
-- ARGV[1]   owner
--
-- Returns {number of keys deleted}.
--
-- Invariant: no one else's lock is released.
local deleted = 0
for i = 1, #KEYS do
  if redis.call('GET', KEYS[i]) == ARGV[1] then
    deleted = deleted + redis.call('DEL', KEYS[i])
  end
end
return {deleted}
