-- What all steps share. KEYS[1] is the prefix of every key of a site, `dialguard:{SITE}:`; its
-- hash tag keeps them in one slot of a cluster. ARGV[1] names the step, ARGV[2] says when it
-- was sent (by this server's clock; empty where that is not known), the rest is what it asks.
--
-- Moments are seconds. They come and go as text of 17 digits, which holds a double exactly.
-- What ends has an expiry of the server's too, later than its own end: nothing stays for ever
-- where nobody tidies. It is counted from when it was written, as the caller's clock may differ.

-- While a step runs, nobody else is served. So what goes through a whole site is asked batch by
-- batch: `from` says where one begins ('' at the start), `count` how many members it looks at, and
-- each answers with where the next one begins; nothing at the end.

local SITE = KEYS[1]
local MARGIN_MS = 3600000 -- the caller's clock decides; the server's only cleans up
local STEPS = {}

local function call(...)
  return redis.call(...)
end

-- A moment as text that is the very same number.
local function exact(moment)
  return string.format('%.17g', moment)
end

-- A name made of parts; none of them may hold the NUL that parts them (the client sees to it).
local function joined(...)
  return table.concat({ ... }, '\0')
end

-- Whether the server sorts one name after another: by bytes. Lua's own `>` asks the locale.
local function sorts_after(one, other)
  for i = 1, math.min(#one, #other) do
    if one:byte(i) ~= other:byte(i) then
      return one:byte(i) > other:byte(i)
    end
  end
  return #one > #other
end

-- Let a key live for so many seconds more at least, and never less than it would anyway.
local function outlive(key, seconds)
  local wanted = math.ceil(math.max(seconds, 0) * 1000) + MARGIN_MS
  if call('PTTL', key) < wanted then
    call('PEXPIRE', key, string.format('%d', wanted))
  end
end

-- A hash as a table.
local function hash(key)
  local flat, found = call('HGETALL', key), {}
  for i = 1, #flat, 2 do
    found[flat[i]] = flat[i + 1]
  end
  return found
end

-- A batch of a sorted set whose members all have the score 0: they stand in the order of their bytes.
local function batch(key, from, count)
  local found = call('ZRANGEBYLEX', key, from == '' and '-' or from, '+', 'LIMIT', 0, count)
  return found, #found == tonumber(count) and '(' .. found[#found]
end

-- The parts of a value that `packed` made.
local function unpacked(value)
  return cjson.decode(value)
end

local function packed(value)
  return cjson.encode(value)
end
