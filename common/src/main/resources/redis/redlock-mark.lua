-- Names the present memory of a node that has no fencing counter, so that a counter can be installed on this memory and
-- no other.
--
-- KEYS[1] the node's fencing counter
-- KEYS[2] the marker
-- ARGV[1] the run_id that the caller read from the server just before
-- ARGV[2] a random name, never used before
--
-- Returns {'seeded', counter} when there is a counter, else {'empty', marker}; the marker is '<run_id>:<name>', the
-- caller's name if it was the first to mark this memory.
--
-- Invariant: the marker vanishes with the memory it names (restart, FLUSHALL). One that was set under another run_id
-- is replaced: it came back from a file, or its writer read the run_id before a restart.
--
-- After redlock.lua.
local counter = counterOf(KEYS[1])
if counter then
  return {'seeded', counter}
end
local marker = redis.pcall('GET', KEYS[2])
if type(marker) ~= 'string' or string.sub(marker, 1, #ARGV[1] + 1) ~= ARGV[1] .. ':' then
  marker = ARGV[1] .. ':' .. ARGV[2]
  redis.call('SET', KEYS[2], marker)
end
return {'empty', marker}
