-- Returns of which products there are too few pieces for an order, by recently confirmed stock.
--
-- After line.lua.
--
-- KEYS[i]    cache entry of a product, hash: quantity, confirmed (ms of Redis TIME), ...
-- ARGV[1]    for how long after it was confirmed an entry is believed, ms
-- ARGV[i+1]  how many pieces of the product are wanted
--
-- Returns {for each product how many there are, or '' where the stock is sufficient or unknown}.
-- Keeps: nothing is changed.
local time = redis.call('TIME')
local oldest = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000) - tonumber(ARGV[1])
local answers = {}
for i, entry in ipairs(KEYS) do
  local quantity, confirmed = unpack(redis.call('HMGET', entry, 'quantity', 'confirmed'))
  local short = tonumber(quantity) and (tonumber(confirmed) or 0) > oldest and tonumber(quantity) < tonumber(ARGV[i + 1])
  answers[i] = short and quantity or ''
end
return answers
