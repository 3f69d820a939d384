-- Small records: texts by kind and key.
--
--   record:KIND KEY  hash: text, ends (empty: not before it is removed); ends with it
--   records          sorted set: KIND KEY of all; does not end

local function record_key(name)
  return SITE .. 'record:' .. name
end

-- A record that is there, as it is told: key, text, end; nil where there is none.
local function live_record(name, now)
  local found = hash(record_key(name))
  if not found.text or (found.ends ~= '' and tonumber(found.ends) <= now) then
    return nil
  end
  return { name:match('%z(.*)$'), found.text, found.ends }
end

local function drop_record(name)
  call('DEL', record_key(name))
  call('ZREM', SITE .. 'records', name)
end

-- Put one in the place of whatever is there.
local function write_record(name, text, ends, now)
  local key = record_key(name)
  call('HSET', key, 'text', text, 'ends', ends)
  call('ZADD', SITE .. 'records', 0, name)
  if ends == '' then
    call('PERSIST', key)
  else
    outlive(key, tonumber(ends) - now)
  end
end

-- before: `=TEXT`, or nothing where none is to be there.
function STEPS.put_record(now, name, text, ends, before)
  now = tonumber(now)
  local old = live_record(name, now)
  if (old and '=' .. old[2] or '') ~= before then
    return 0
  end
  write_record(name, text, ends, now)
  return 1
end

function STEPS.record(now, name)
  return live_record(name, tonumber(now)) or false
end

function STEPS.take_record(now, name)
  local found = live_record(name, tonumber(now))
  drop_record(name)
  return found or false
end

-- Those after a name of the kind, of as many as are looked at; and where the next one begins.
function STEPS.records(from, count, now, kind)
  local names = call('ZRANGEBYLEX', SITE .. 'records', '(' .. from, '(' .. kind .. '\1', 'LIMIT', 0, count)
  local found = {}
  for _, name in ipairs(names) do
    found[#found + 1] = live_record(name, tonumber(now))
  end
  return { found, #names == tonumber(count) and names[#names] }
end

-- The next kind after one of which there may be records, if there is another.
function STEPS.next_kind(kind)
  local from = kind == '' and '-' or '(' .. kind .. '\1'
  local name = call('ZRANGEBYLEX', SITE .. 'records', from, '+', 'LIMIT', 0, 1)[1]
  return name and name:match('^(.-)%z') or false
end
