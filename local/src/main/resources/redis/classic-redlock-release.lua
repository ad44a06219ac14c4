-- The classic contender's Redlock, as in node-redlock: releases those keys of a set that the owner still holds.
--
-- KEYS[1..] the locks
-- ARGV[1]   owner
--
-- Returns {how many were released}.
--
-- Invariant: another owner's key is never deleted.
local released = 0
for i = 1, #KEYS do
  if redis.call('GET', KEYS[i]) == ARGV[1] then
    redis.call('DEL', KEYS[i])
    released = released + 1
  end
end
return {released}
