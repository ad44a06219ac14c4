-- The classic contender's Redlock, as node-redlock has it: takes every key of a set for one owner, or none. It counts
-- no fencing token; what Turnstile itself runs is redlock-acquire.lua.
--
-- KEYS[1..] the locks
-- ARGV[1]   owner: random, new for every attempt
-- ARGV[2]   lease in milliseconds
--
-- Returns {1} when all keys were taken, {0} when one of them is held.
--
-- Invariant: an owner has all of its keys on this node or none of them.
for i = 1, #KEYS do
  if redis.call('EXISTS', KEYS[i]) == 1 then
    return {0}
  end
end
for i = 1, #KEYS do
  redis.call('SET', KEYS[i], ARGV[1], 'PX', ARGV[2])
end
return {1}
