-- A snapshot of the line for display.
--
-- After line.lua.
--
-- KEYS[1] tickets   hash: ticket -> record
-- KEYS[2] parked    hash: ticket -> keeper | product ids joined by commas
-- KEYS[3] held      hash: product id -> fence of the claim that holds it
-- KEYS[4] claimants hash: fence of a claim -> worker
-- KEYS[5] workers   hash: worker -> time of its last report (ms) | report
-- KEYS[6..] queues  sorted sets: tickets
-- ARGV[1] for how many ms a report counts
-- ARGV[2..] the products of the queues
--
-- Returns {how many wait, how many of them are parked, then for each product the length of its queue, its first ticket
-- or '' and who holds it or '', then worker and report of each one that reported lately}. Keeps: nothing is changed.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local holder = {}
local claimants = redis.call('HGETALL', KEYS[4])
for i = 1, #claimants, 2 do
  holder[claimants[i]] = claimants[i + 1]
end
local answer = {redis.call('HLEN', KEYS[1]), redis.call('HLEN', KEYS[2])}
for i = 6, #KEYS do
  answer[#answer + 1] = redis.call('ZCARD', KEYS[i])
  answer[#answer + 1] = redis.call('ZRANGE', KEYS[i], 0, 0)[1] or ''
  local fence = redis.call('HGET', KEYS[3], ARGV[i - 4])
  answer[#answer + 1] = fence and holder[fence] or ''
end
local reports = redis.call('HGETALL', KEYS[5])
for i = 1, #reports, 2 do
  local at, report = string.match(reports[i + 1], '^(%d+)|(.*)$')
  if at and tonumber(at) > now - tonumber(ARGV[1]) then
    answer[#answer + 1] = reports[i]
    answer[#answer + 1] = report
  end
end
return answer
