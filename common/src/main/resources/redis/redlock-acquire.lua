-- Takes every key of a set for one owner, or none, and counts the grant.
--
-- KEYS[1]   the node's fencing counter
-- KEYS[2..] the locks
-- ARGV[1]   owner: new for every attempt, so that nothing sent late for one attempt can touch another's keys
-- ARGV[2]   lease in milliseconds
-- ARGV[3]   floor: the highest token the caller knows of
--
-- Returns {'granted', counter}, {'held'} when another owner has one of the keys, or {'empty'} when the node has no
-- counter: it has just started, or has lost its memory, and may have forgotten who holds what.
--
-- Invariant: the counter never falls, and every grant of this node is greater than all it granted or confirmed before.
-- Run twice it grants the same keys again with a greater counter, which is as good.
local counter = redis.call('GET', KEYS[1])
if not counter then
  return {'empty'}
end
for i = 2, #KEYS do
  local owner = redis.call('GET', KEYS[i])
  if owner and owner ~= ARGV[1] then
    return {'held'}
  end
end
counter = math.max(tonumber(counter), tonumber(ARGV[3])) + 1
redis.call('SET', KEYS[1], string.format('%.0f', counter))
for i = 2, #KEYS do
  redis.call('SET', KEYS[i], ARGV[1], 'PX', ARGV[2])
end
return {'granted', counter}
