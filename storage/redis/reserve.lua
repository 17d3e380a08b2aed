-- Takes a place for one call in each allowance, or tells when to ask again. It is
-- the algorithm of bot/pace, by Redis's own clock.
--
-- KEYS[1] is when counting began; the others are one hash for each allowance.
-- ARGV[1] is the patience, followed by the interval and the burst of each allowance.
-- All times are microseconds. The answer is {taken, wait, by}.
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local born = tonumber(redis.call('GET', KEYS[1]))
if not born then
  born = now
  redis.call('SET', KEYS[1], string.format('%.0f', born))
end
local patience = tonumber(ARGV[1])
local day = 86400000

local wait, by = 0, 0
local counts = {}
for i = 2, #KEYS do
  local every, burst = tonumber(ARGV[2 * i - 2]), tonumber(ARGV[2 * i - 1])
  local kept = redis.call('HMGET', KEYS[i], 'paid', 'line', 'until')
  -- Turns that were given before counting began anew are still to be used.
  local c = {every = every, paid = math.max(tonumber(kept[1]) or 0, born + burst * every),
    line = tonumber(kept[2]) or 0, blocked = tonumber(kept[3]) or 0}
  counts[i] = c
  local w = math.max(math.max(c.paid, now) - (burst - 1) * every, c.blocked) - now
  if w > wait then
    wait, by = w, i - 2
  end
end

local function keep(i)
  local c = counts[i]
  redis.call('HSET', KEYS[i], 'paid', string.format('%.0f', c.paid), 'line', string.format('%.0f', c.line))
  redis.call('PEXPIRE', KEYS[i], day)
end

if wait <= patience then
  for i = 2, #KEYS do
    local c = counts[i]
    c.paid = math.max(c.paid, now + wait) + c.every
    keep(i)
  end
  return {1, wait, by}
end
local c = counts[by + 2]
local asked = math.max(c.line, now + wait)
c.line = asked + c.every
keep(by + 2)
return {0, math.max(asked - patience / 2, c.blocked) - now, by}
