-- People who are signed in. NAME is an extension and an id, with a NUL between.
--
--   sign-in:NAME         hash: head (JSON of what changes only as it is placed), person, origin, since, ends,
--                        idle_s, used, lived (when the last of its leases was over that nobody
--                        released); ended and why, where somebody ended it; attempt, where that
--                        was a lockout which this attempt caused
--   sign-ins             sorted set: names of all that are remembered
--   signed-in            sorted set: of those that nobody ended, or a lockout that may be taken back
--   signed-in:EXTENSION  set: the same of an extension
--   signed-in-by:PERSON  set: the same by whose factors were shown
--   calls-of:NAME        sorted set: ids of the leases that it let through, by when they end
--   locked-out:ATTEMPT   set: names of those that were ended by the lockout of this attempt

local REMEMBERED_S = 86400

local function sign_in_key(name)
  return SITE .. 'sign-in:' .. name
end

local function calls_key(name)
  return SITE .. 'calls-of:' .. name
end

local function extension_of(name)
  return name:match('^(.-)%z')
end

-- Put the later of two moments into a field.
local function put_later(key, field, moment)
  local old = call('HGET', key, field)
  if not old or tonumber(old) < moment then
    call('HSET', key, field, exact(moment))
  end
end

-- A sign-in with its end, also one that nobody wrote down; nil where there is none.
local function as_it_is(name, now)
  local found = hash(sign_in_key(name))
  if not found.head then
    return nil
  end
  found.name = name
  if found.ended then
    return found
  end
  local ends, idle_s = tonumber(found.ends), tonumber(found.idle_s)
  local idles = ends
  if idle_s > 0 then
    local last = call('ZRANGE', calls_key(name), -1, -1, 'WITHSCORES')[2] or found.used
    idles = math.max(tonumber(found.used), tonumber(found.lived), tonumber(last)) + idle_s
  end
  if idles < ends and idles <= now then
    found.ended, found.why = exact(idles), 'idle'
  elseif ends <= now then
    found.ended, found.why = found.ends, 'expired'
  end
  return found
end

local function is_forgotten(sign_in, now)
  return sign_in.ended and tonumber(sign_in.ended) + REMEMBERED_S <= now
end

local function is_live(name, now)
  local found = as_it_is(name, now)
  return found and not found.ended
end

local function told_sign_in(found)
  return {
    found.head, found.since, found.ends, found.idle_s, found.used, found.ended or '', found.why or '',
  }
end

-- Those of a set that there are, oldest first.
local function sign_ins_of(key, now)
  local found = {}
  for _, name in ipairs(call('SMEMBERS', key)) do
    found[#found + 1] = as_it_is(name, now)
  end
  table.sort(found, function(one, other)
    local first, second = tonumber(one.since), tonumber(other.since)
    return first < second or (first == second and sorts_after(other.name, one.name))
  end)
  return found
end

local function of_extension(extension, now)
  return sign_ins_of(SITE .. 'signed-in:' .. extension, now)
end

-- The live ones of an extension, as they are told.
local function told_live(extension, now)
  local found = {}
  for _, each in ipairs(of_extension(extension, now)) do
    found[#found + 1] = not each.ended and told_sign_in(each) or nil
  end
  return found
end

-- Nothing brings a sign-in back from here on.
local function settle(name, person)
  call('HDEL', sign_in_key(name), 'attempt')
  call('ZREM', SITE .. 'signed-in', name)
  call('SREM', SITE .. 'signed-in:' .. extension_of(name), name)
  call('SREM', SITE .. 'signed-in-by:' .. person, name)
end

-- Write down that a sign-in is over: since its time was up, or now, for a reason. Whether it lived.
-- One that a lockout ended is over for good, as this would have ended it, too.
local function finish(found, why, now, attempt)
  if found.attempt then
    if found.attempt ~= attempt then
      settle(found.name, found.person)
    end
    return false
  end
  local lived = not found.ended
  if lived then
    found.ended, found.why = exact(math.max(tonumber(found.since), now)), why
  end
  call('HSET', sign_in_key(found.name), 'ended', found.ended, 'why', found.why)
  if lived and attempt then
    call('HSET', sign_in_key(found.name), 'attempt', attempt)
  else
    settle(found.name, found.person)
  end
  return lived
end

-- It is remembered, wherever it is listed, for a day after its end.
local function keep_sign_in(name, person, ends, now)
  local on = extension_of(name)
  local keys = { 'sign-in:' .. name, 'sign-ins', 'signed-in', 'signed-in:' .. on, 'signed-in-by:' .. person }
  for _, each in ipairs(keys) do
    outlive(SITE .. each, tonumber(ends) - now + REMEMBERED_S)
  end
end

-- new: name, person, origin, head, since, ends, idle_s, used, ended, why; the last two may be empty
local function write_sign_in(new, now)
  local name, person, key = new[1], new[2], sign_in_key(new[1])
  call('HSET', key, 'person', person, 'origin', new[3], 'head', new[4], 'since', new[5],
    'ends', new[6], 'idle_s', new[7], 'used', new[8], 'lived', new[8])
  call('ZADD', SITE .. 'sign-ins', 0, name)
  if new[9] ~= '' then
    call('HSET', key, 'ended', new[9], 'why', new[10])
  else
    call('ZADD', SITE .. 'signed-in', 0, name)
    call('SADD', SITE .. 'signed-in:' .. extension_of(name), name)
    call('SADD', SITE .. 'signed-in-by:' .. person, name)
  end
  keep_sign_in(name, person, new[6], now)
end

local function forget_sign_in(name)
  settle(name, call('HGET', sign_in_key(name), 'person') or '')
  call('DEL', sign_in_key(name), calls_key(name))
  call('ZREM', SITE .. 'sign-ins', name)
end

-- Those that it ended, as they are told.
local function open_sign_in(new, at_once, now)
  local old = as_it_is(new[1], now)
  if old and not is_forgotten(old, now) then
    return {}
  end
  if old then
    forget_sign_in(new[1])
  end
  local others, surplus = of_extension(extension_of(new[1]), now), 1 - at_once
  for _, each in ipairs(others) do
    if not each.ended and each.origin ~= new[3] then
      surplus = surplus + 1
    end
  end
  local ended = {}
  for _, each in ipairs(others) do
    local goes = each.ended or each.origin == new[3]
    if not goes and surplus > 0 then
      goes, surplus = true, surplus - 1
    end
    if goes and finish(each, 'elsewhere', now) then
      ended[#ended + 1] = told_sign_in(each)
    end
  end
  write_sign_in(new, now)
  return ended
end

-- Whether it is where it was thought to be, and is there now where it is put: its head says so.
function STEPS.place_sign_in(now, name, origin, head, new_origin, new_head, ends)
  now = tonumber(now)
  local found = as_it_is(name, now)
  if not found or found.ended or found.origin ~= origin or found.head ~= head then
    return 0
  end
  local key = sign_in_key(name)
  call('HSET', key, 'origin', new_origin, 'head', new_head, 'ends', ends)
  put_later(key, 'used', now)
  keep_sign_in(name, found.person, ends, now)
  return 1
end

function STEPS.end_sign_ins(now, extension, name, any, why)
  now = tonumber(now)
  local ended = {}
  for _, each in ipairs(of_extension(extension, now)) do
    if (any == '1' or each.name == name) and finish(each, why, now) then
      ended[#ended + 1] = told_sign_in(each)
    end
  end
  return ended
end

function STEPS.sign_in(now, name)
  now = tonumber(now)
  local found = as_it_is(name, now)
  return found and not is_forgotten(found, now) and told_sign_in(found) or false
end

function STEPS.sign_ins(from, count, now)
  local names, next_from = batch(SITE .. 'signed-in', from, count)
  local found = {}
  for _, name in ipairs(names) do
    local each = as_it_is(name, tonumber(now))
    found[#found + 1] = each and not each.ended and told_sign_in(each) or nil
  end
  return { found, next_from }
end

-- Of one that is there the later use counts, and it is over if either is.
function STEPS.put_sign_in(...)
  local new = { ... }
  local key = sign_in_key(new[1])
  local old = hash(key)
  if not old.head then
    write_sign_in(new, tonumber(new[5]))
    return 0
  end
  put_later(key, 'used', tonumber(new[8]))
  if new[9] ~= '' and (old.attempt or not old.ended) then
    call('HSET', key, 'ended', new[9], 'why', new[10])
    settle(new[1], old.person)
  end
  return 0
end

-- ------------------------------------------------------------------ what others see to

-- A call of a sign-in was let through, or is over.
local function use(name, now)
  if name and name ~= '' and call('EXISTS', sign_in_key(name)) == 1 then
    put_later(sign_in_key(name), 'used', now)
  end
end

-- A lease of a sign-in lasts until a moment.
local function put_call(name, id, expires, now)
  if name and name ~= '' then
    call('ZADD', calls_key(name), expires, id)
    outlive(calls_key(name), tonumber(expires) - now)
  end
end

-- It is gone; where it was over by then, it kept its sign-in from being idle until that moment.
local function drop_call(name, id, expires, now)
  if name and name ~= '' then
    call('ZREM', calls_key(name), id)
    if tonumber(expires) <= now and call('EXISTS', sign_in_key(name)) == 1 then
      put_later(sign_in_key(name), 'lived', tonumber(expires))
    end
  end
end

-- What was opened with factors that are others now is over.
local function revoke(person, now)
  for _, each in ipairs(sign_ins_of(SITE .. 'signed-in-by:' .. person, now)) do
    finish(each, 'revoked', now)
  end
end

-- What an extension that is locked out has, or opened elsewhere, is over.
local function end_by_lockout(extension, attempt, lasts_s, now)
  local key = SITE .. 'locked-out:' .. attempt
  for _, set in ipairs({ 'signed-in:', 'signed-in-by:' }) do
    for _, each in ipairs(sign_ins_of(SITE .. set .. extension, now)) do
      if finish(each, 'lockout', now, attempt) then
        call('SADD', key, each.name)
        outlive(key, lasts_s)
      end
    end
  end
end

-- A lockout that was never due has ended nothing.
local function undo_lockout(attempt)
  local key = SITE .. 'locked-out:' .. attempt
  for _, name in ipairs(call('SMEMBERS', key)) do
    if call('HGET', sign_in_key(name), 'attempt') == attempt then
      call('HDEL', sign_in_key(name), 'ended', 'why', 'attempt')
    end
  end
  call('DEL', key)
end
