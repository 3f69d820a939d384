-- Enrolments, and what of them was used up. None of this ends.
--
--   enrolment:EXTENSION  hash: pin, totp, step (the last that was burnt), since
--   recovery:EXTENSION   set: digests of the codes that are left
--   extensions           sorted set of all that are enrolled, or were let through to a country
--   proof:EXTENSION      hash: SCOPE FACTOR -> JSON [at, until]; ends

local function enrolment_key(extension)
  return SITE .. 'enrolment:' .. extension
end

local function recovery_key(extension)
  return SITE .. 'recovery:' .. extension
end

local function proof_key(extension)
  return SITE .. 'proof:' .. extension
end

-- `=TEXT` for a value, nothing for none: a value may be empty, an argument cannot be absent.
local function optional(value)
  return value and '=' .. value or ''
end

local function value_of(argument)
  return argument ~= '' and argument:sub(2) or nil
end

local function told_enrolment(extension)
  local found = hash(enrolment_key(extension))
  if not found.since then
    return false
  end
  local digests = call('SMEMBERS', recovery_key(extension))
  return { extension, optional(found.pin), optional(found.totp), found.since, digests, optional(found.step) }
end

-- Whether PIN and TOTP secret are the same still.
local function is_in_force(extension, pin, totp)
  local found = hash(enrolment_key(extension))
  return found.since and optional(found.pin) == pin and optional(found.totp) == totp
end

local function put_recovery(extension, digests)
  call('DEL', recovery_key(extension))
  if #digests > 0 then
    call('SADD', recovery_key(extension), unpack(digests))
  end
end

local function put_field(extension, field, value)
  if value then
    call('HSET', enrolment_key(extension), field, value)
  else
    call('HDEL', enrolment_key(extension), field)
  end
end

function STEPS.enrolment(extension)
  return told_enrolment(extension)
end

function STEPS.enrolments(from, count)
  local extensions, next_from = batch(SITE .. 'extensions', from, count)
  local found = {}
  for _, extension in ipairs(extensions) do
    found[#found + 1] = told_enrolment(extension) or nil
  end
  return { found, next_from }
end

-- at: `since`, by the server's clock.
function STEPS.enrol(at, extension, pin, totp, since, ...)
  local old = hash(enrolment_key(extension))
  pin, totp = value_of(pin) or old.pin, value_of(totp) or old.totp
  if not old.since or old.pin ~= pin or old.totp ~= totp then
    call('DEL', proof_key(extension))
    revoke(extension, tonumber(at))
  end
  if old.totp ~= totp then
    put_field(extension, 'step', nil)
  end
  put_field(extension, 'pin', pin)
  put_field(extension, 'totp', totp)
  put_field(extension, 'since', since)
  call('ZADD', SITE .. 'extensions', 0, extension)
  if #{ ... } > 0 then
    put_recovery(extension, { ... })
  end
  return 0
end

function STEPS.rekey(extension, pin, totp, new_pin, new_totp)
  if not is_in_force(extension, pin, totp) then
    return 0
  end
  put_field(extension, 'pin', value_of(new_pin))
  put_field(extension, 'totp', value_of(new_totp))
  return 1
end

function STEPS.unenrol(now, extension)
  revoke(extension, tonumber(now))
  local had = call('EXISTS', enrolment_key(extension))
  call('DEL', enrolment_key(extension), recovery_key(extension), proof_key(extension),
    SITE .. 'dialled:' .. extension)
  call('ZREM', SITE .. 'extensions', extension)
  return had
end

function STEPS.claim_step(extension, pin, totp, step)
  if totp == '' or not is_in_force(extension, pin, totp) then
    return 0
  end
  local last = call('HGET', enrolment_key(extension), 'step')
  if last and tonumber(step) <= tonumber(last) then
    return 0
  end
  call('HSET', enrolment_key(extension), 'step', step)
  return 1
end

function STEPS.claim_recovery(extension, pin, totp, digest)
  if not is_in_force(extension, pin, totp) then
    return 0
  end
  return call('SREM', recovery_key(extension), digest)
end

-- ------------------------------------------------------------------ signing in

-- has: '1' where what was shown must be in force still. What follows is the sign-in.
function STEPS.open_sign_in(now, at_once, has, extension, pin, totp, ...)
  now = tonumber(now)
  local new = { ... }
  if has == '1' and not is_in_force(extension, pin, totp) then
    return false
  end
  for _, whose in ipairs({ extension_of(new[1]), new[2] }) do
    if in_force(joined('extension', whose), now) then
      return false
    end
  end
  return open_sign_in(new, tonumber(at_once), now)
end

-- ------------------------------------------------------------------ what is known

function STEPS.remember(now, extension, pin, totp, scope, ends, ...)
  if not is_in_force(extension, pin, totp) then
    return 0
  end
  for _, factor in ipairs({ ... }) do
    local field, till = joined(scope, factor), ends
    local old = call('HGET', proof_key(extension), field)
    if old and tonumber(unpacked(old)[2]) > tonumber(till) then
      till = unpacked(old)[2]
    end
    call('HSET', proof_key(extension), field, packed({ now, till }))
    outlive(proof_key(extension), tonumber(till) - tonumber(now))
  end
  return 1
end

-- Factors proven in a scope, and when, one after the other.
local function proofs(extension, scope, now)
  local found = {}
  for field, value in pairs(hash(proof_key(extension))) do
    local of_scope, factor = field:match('^(.-)%z(.*)$')
    if of_scope == scope and tonumber(unpacked(value)[2]) > now then
      found[#found + 1] = factor
      found[#found + 1] = unpacked(value)[1]
    end
  end
  return found
end

-- What is asked besides; and whether all of it is as it was thought to be.
local function looked_at(asked, lease, now)
  local records, levels, is_as_thought = {}, {}, true
  for place, each in ipairs(asked[1]) do
    local found = live_record(joined(each[1], each[2]), now)
    records[place] = found or false
    is_as_thought = is_as_thought and (found ~= nil) == each[3]
  end
  for place, budget in ipairs(asked[2]) do
    local used = used_by_others(budget, lease, now)
    levels[place] = whole(used)
    is_as_thought = is_as_thought and used < tonumber(budget[4])
  end
  return { records, levels }, is_as_thought
end

-- asked: JSON of two lists, of [kind, key, whether it is thought to be there] and of budgets; empty
-- where nothing is. What follows is a lease to be taken at once, as `take` wants it, or nothing.
function STEPS.known(now, extension, address_scope, call_scope, country, id, asked, ...)
  now = tonumber(now)
  local lockout = in_force(joined('extension', extension), now)
  local lease = live_lease(id, now)
  local known = call('HEXISTS', SITE .. 'dialled:' .. extension, country)
  local found = {
    lockout and told_lockout(joined('extension', extension), lockout) or false,
    lease and told(lease) or false,
    proofs(extension, address_scope, now),
    proofs(extension, call_scope, now),
    known,
    told_live(extension, now),
    false,
  }
  local is_as_thought = true
  if asked ~= '' then
    found[7], is_as_thought = looked_at(unpacked(asked), lease, now)
  end
  if #{ ... } > 0 and not lockout and not lease and known == 1 and is_as_thought then
    found[8] = take({ ... }, now)
  end
  return found
end

-- ------------------------------------------------------------------ moving

local function told_dossier(extension)
  local countries = call('HGETALL', SITE .. 'dialled:' .. extension)
  return { extension, told_enrolment(extension), countries }
end

function STEPS.dossiers(after, count)
  local from = after == '' and '-' or '(' .. after
  local found = {}
  for _, extension in ipairs(call('ZRANGEBYLEX', SITE .. 'extensions', from, '+', 'LIMIT', 0, count)) do
    found[#found + 1] = told_dossier(extension)
  end
  return found
end

local function later(one, other)
  if not one or (other and tonumber(other) > tonumber(one)) then
    return other
  end
  return one
end

-- at: `since`, by the server's clock; countries: JSON list of country, since, country, since …
function STEPS.put_dossier(at, extension, countries, has, pin, totp, since, step, ...)
  local told_countries = unpacked(countries)
  for i = 1, #told_countries, 2 do
    call('HSETNX', SITE .. 'dialled:' .. extension, told_countries[i], told_countries[i + 1])
  end
  local old = hash(enrolment_key(extension))
  if has == '1' or #told_countries > 0 then
    call('ZADD', SITE .. 'extensions', 0, extension)
  end
  if has == '0' then
    return old.since and 0 or 1
  end
  pin, totp, step = value_of(pin), value_of(totp), value_of(step)
  local digests = { ... }
  if old.since and old.totp == totp then
    step = later(old.step, step)
  end
  if old.since and old.pin == pin and old.totp == totp then
    local both = {}
    for _, digest in ipairs(digests) do
      if call('SISMEMBER', recovery_key(extension), digest) == 1 then
        both[#both + 1] = digest
      end
    end
    digests = both
    since = later(old.since, since)
    if since ~= old.since then
      call('DEL', proof_key(extension))
    end
  elseif old.since and tonumber(old.since) >= tonumber(since) then
    if old.totp == totp then
      put_field(extension, 'step', step)
    end
    return 0
  else
    call('DEL', proof_key(extension))
    revoke(extension, tonumber(at))
  end
  put_field(extension, 'pin', pin)
  put_field(extension, 'totp', totp)
  put_field(extension, 'since', since)
  put_field(extension, 'step', step)
  put_recovery(extension, digests)
  return 1
end
