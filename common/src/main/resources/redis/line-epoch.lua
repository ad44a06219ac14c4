-- Gives a line without memory (never used, flushed, restarted empty) its epoch. Two steps, so that an epoch taken from
-- the ledger before one loss is never installed after the next: first a mark is made, then the ledger is asked, then the
-- epoch is installed only if the mark still stands.
--
-- KEYS[1] state    hash: epoch, mark, seq, fence, rebuild
-- ARGV[1] mark to make if there is none; or, with ARGV[2], the mark that must stand
-- ARGV[2] epoch to install, or ''
--
-- Returns {epoch or '', mark}.
-- Keeps: the epoch of a line never changes but by loss of memory, and then it grows; nothing is claimed in it before line-seen
-- has ended the rebuilding: what was published before has its old place, and nobody may go before it.
local state = KEYS[1]
local epoch = redis.call('HGET', state, 'epoch')
if not epoch then
  if ARGV[2] == '' then
    redis.call('HSETNX', state, 'mark', ARGV[1])
  elseif redis.call('HGET', state, 'mark') == ARGV[1] then
    local time = redis.call('TIME')
    local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
    redis.call('HSET', state, 'epoch', ARGV[2], 'rebuild', now)
    epoch = ARGV[2]
  end
end
return {epoch or '', redis.call('HGET', state, 'mark') or ''}
