-- Which of some ids are remembered.
--
-- After line.lua and requests.lua.
--
-- KEYS[1] memory hash: id -> value|ms
-- ARGV[1] for how long they are remembered, ms
-- ARGV[2..] ids
--
-- Returns those that are. Keeps: nothing is changed.
local ids, known = {}, {}
for i = 2, #ARGV do
  ids[#ids + 1] = ARGV[i]
end
for i, value in ipairs(recalled(KEYS[1], ids, nowMs(), tonumber(ARGV[1]))) do
  if value then
    known[#known + 1] = ids[i]
  end
end
return known
