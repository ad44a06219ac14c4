-- Remembers for each of some ids the first value that comes with it, or compares the value with that.
--
-- After line.lua and requests.lua.
--
-- KEYS[1] memory hash: id -> value|ms
-- KEYS[2] ages   list: ms|id
-- ARGV[1] how many ids are remembered at most
-- ARGV[2] for how long, ms
-- ARGV[3..] two for each: id, value
--
-- Returns for each FIRST, SAME or OTHER.
-- Keeps: until it is forgotten, an id has one value. Run twice it says SAME of what it said FIRST of.
local ids, values = {}, {}
for i = 3, #ARGV, 2 do
  ids[#ids + 1], values[#values + 1] = ARGV[i], ARGV[i + 1]
end
local now = nowMs()
local before = {}
for i, value in ipairs(recalled(KEYS[1], ids, now, tonumber(ARGV[2]))) do
  before[ids[i]] = value
end
local answers, new = {}, {}
for i, id in ipairs(ids) do
  if not before[id] then
    before[id] = values[i]
    new[#new + 1], new[#new + 2] = id, values[i]
    answers[i] = 'FIRST'
  else
    answers[i] = before[id] == values[i] and 'SAME' or 'OTHER'
  end
end
if #new > 0 then
  remember(KEYS[1], KEYS[2], new, now, tonumber(ARGV[1]), tonumber(ARGV[2]))
end
return answers
