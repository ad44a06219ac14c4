-- Gives an empty node its fencing counter, only if its memory is still the one that was marked.
--
-- KEYS[1] the node's fencing counter
-- KEYS[2] the marker
-- ARGV[1] the marker that was seen before the epoch was drawn
-- ARGV[2] the counter to begin with: epoch * 2^40
--
-- Returns {1} when installed, {0} when there is a counter already or the memory is another one.
--
-- Invariant: a counter is never replaced, and an epoch drawn for one memory is never installed on a later one, which
-- may meanwhile have granted under a greater epoch and forgotten it.
--
-- After redlock.lua.
if counterOf(KEYS[1]) or redis.pcall('GET', KEYS[2]) ~= ARGV[1] then
  return {0}
end
redis.call('SET', KEYS[1], ARGV[2])
redis.call('DEL', KEYS[2])
return {1}
