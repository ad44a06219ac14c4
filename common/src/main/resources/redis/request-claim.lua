-- Remembers what was ordered first under an order id that a client's idempotency key gave.
--
-- KEYS[1] string: a digest of the first request, gone when its time is over
-- ARGV[1] digest of this request
-- ARGV[2] how long to remember it, ms
--
-- Returns {'FIRST'}, {'SAME'} or {'OTHER'}.
-- Keeps: until it is forgotten, an id stands for one request. Run twice it says SAME of what it said FIRST of.
local first = redis.call('GET', KEYS[1])
if not first then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  return {'FIRST'}
end
return {first == ARGV[1] and 'SAME' or 'OTHER'}
