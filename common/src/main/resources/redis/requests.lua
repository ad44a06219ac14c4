-- What scripts that remember orders have in common; sent before each of them that says so, after line.lua.
--
-- A memory is two keys: a hash with 'value|ms of the first request' for each id, and a list of 'ms|id', the oldest
-- first. It holds a number of ids at most, each for a time at most; what exceeds either is removed when further ids
-- come.

-- The values of ids; false for one that is not remembered.
local function recalled(memory, ids, now, ms)
  local values = valuesOf(memory, ids)
  for i = 1, #ids do
    local value, at = string.match(values[i] or '', '^(.*)|(%d+)$')
    values[i] = at ~= nil and tonumber(at) > now - ms and value
  end
  return values
end

-- Remembers values, given as a list of id, value, id, value, ….
local function remember(memory, ages, idsAndValues, now, most, ms)
  local fields, entries = {}, {}
  for i = 1, #idsAndValues, 2 do
    fields[i], fields[i + 1] = idsAndValues[i], idsAndValues[i + 1] .. '|' .. now
    entries[#entries + 1] = now .. '|' .. idsAndValues[i]
  end
  inBatches('HSET', memory, fields)
  inBatches('RPUSH', ages, entries)
  local over = redis.call('LLEN', ages) - most
  local old, times = {}, {}
  for i, entry in ipairs(redis.call('LRANGE', ages, 0, 2 * #entries - 1)) do -- twice as many as came, so that it shrinks
    local at, id = string.match(entry, '^(%d+)|(.*)$')
    if i > over and (tonumber(at) or 0) > now - ms then
      break
    end
    old[i], times[i] = id or '', at
  end
  if #old > 0 then
    redis.call('LTRIM', ages, #old, -1)
    local gone = {}
    for i, value in ipairs(valuesOf(memory, old)) do
      if value and string.match(value, '%d+$') == times[i] then -- else it came again later
        gone[#gone + 1] = old[i]
      end
    end
    if #gone > 0 then
      inBatches('HDEL', memory, gone)
    end
  end
end

local function nowMs()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
