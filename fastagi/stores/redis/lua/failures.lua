-- Failures, and the lockouts that follow from them.
--
--   failures:KIND NAME  hash: attempt -> JSON [kind, at, forget, spent]; spent is the attempt that
--                       caused the lockout it was spent on (as text), or false
--   lockouts:KIND NAME  hash: attempt -> JSON [kind, since, until, row, forget]
--   subjects            sorted set: KIND NAME of everybody of whom there is one of these
--   attempt             the last attempt's id; does not end, as ids never come again
--
-- Moments and attempts stand in the JSON as text: a JSON number would lose digits.

local function failures_key(subject)
  return SITE .. 'failures:' .. subject
end

local function lockouts_key(subject)
  return SITE .. 'lockouts:' .. subject
end

-- Values of a hash of JSON, in the order of their attempts.
local function in_order(key)
  local found = {}
  for attempt, value in pairs(hash(key)) do
    found[#found + 1] = { tonumber(attempt), unpacked(value) }
  end
  table.sort(found, function(one, other) return one[1] < other[1] end)
  return found
end

local function put_failure(subject, attempt, failure, now)
  call('HSET', failures_key(subject), attempt, packed(failure))
  outlive(failures_key(subject), tonumber(failure[3]) - now)
  call('ZADD', SITE .. 'subjects', 0, subject)
end

local function put_lockout(subject, attempt, lockout, now)
  call('HSET', lockouts_key(subject), attempt, packed(lockout))
  outlive(lockouts_key(subject), tonumber(lockout[5]) - now)
  call('ZADD', SITE .. 'subjects', 0, subject)
end

-- An id that was never given before, even where a fail-over lost the last ones: not less than the
-- server's time in microseconds. The caller's moment would not do, as a standing that is moved has
-- the moments of attempts that may be under way. Until the year 2255 a double holds it exactly.
local function next_attempt()
  local time = call('TIME')
  local last = tonumber(call('GET', SITE .. 'attempt') or 0)
  local attempt = math.max(last + 1, tonumber(time[1]) * 1e6 + tonumber(time[2]))
  call('SET', SITE .. 'attempt', exact(attempt))
  return attempt
end

-- The lockout of a subject that ends last, if one is in force: kind, since, until, row, forget.
local function in_force(subject, now)
  local last
  for _, each in ipairs(in_order(lockouts_key(subject))) do
    local lockout = each[2]
    if tonumber(lockout[3]) > now and (not last or tonumber(lockout[3]) > tonumber(last[3])) then
      last = lockout
    end
  end
  return last
end

local function told_lockout(subject, lockout)
  return { subject, lockout[2], lockout[3], lockout[4], lockout[1] }
end

local function lock_out(subject, attempt, kind, for_s, at_most_s, now)
  local row = 0
  for _, each in ipairs(in_order(lockouts_key(subject))) do
    local lockout = each[2]
    if lockout[1] == kind and tonumber(lockout[3]) > now - at_most_s then
      row = math.max(row, lockout[4])
    end
  end
  row = row + 1
  local ends = now + math.min(for_s * 2 ^ (row - 1), at_most_s)
  put_lockout(subject, attempt, { kind, exact(now), exact(ends), row, exact(ends + at_most_s) }, now)
  for _, each in ipairs(in_order(failures_key(subject))) do
    local failure = each[2]
    if failure[1] == kind and not failure[4] then
      failure[4] = exact(attempt)
      call('HSET', failures_key(subject), each[1], packed(failure))
    end
  end
end

-- The extension that a subject is, if it is one.
local function extension_in(subject)
  return subject:match('^extension%z(.*)$')
end

-- What follows the penalty are pairs of a subject and what it is allowed.
function STEPS.begin_attempt(now, kind, for_s, at_most_s, ...)
  local asked, longest, whose = { ... }, nil, nil
  now, for_s, at_most_s = tonumber(now), tonumber(for_s), tonumber(at_most_s)
  for i = 1, #asked, 2 do
    local lockout = in_force(asked[i], now)
    if lockout and (not longest or tonumber(lockout[3]) > tonumber(longest[3])) then
      longest, whose = lockout, asked[i]
    end
  end
  if longest then
    return { 'locked', told_lockout(whose, longest) }
  end
  local attempt = next_attempt()
  for i = 1, #asked, 2 do
    local subject = asked[i]
    put_failure(subject, attempt, { kind, exact(now), exact(now + at_most_s), false }, now)
    local counted = 0
    for _, each in ipairs(in_order(failures_key(subject))) do
      local failure = each[2]
      if failure[1] == kind and not failure[4] and tonumber(failure[2]) > now - at_most_s then
        counted = counted + 1
      end
    end
    if counted >= tonumber(asked[i + 1]) then
      lock_out(subject, attempt, kind, for_s, at_most_s, now)
      local extension = extension_in(subject)
      if extension then
        end_by_lockout(extension, exact(attempt), at_most_s, now)
      end
    end
  end
  return { 'counted', attempt }
end

local function start_anew(subject, kind, now)
  for _, each in ipairs(in_order(failures_key(subject))) do
    if each[2][1] == kind then
      call('HDEL', failures_key(subject), each[1])
    end
  end
  for _, each in ipairs(in_order(lockouts_key(subject))) do
    if each[2][1] == kind and tonumber(each[2][3]) <= now then
      call('HDEL', lockouts_key(subject), each[1])
    end
  end
end

local function take_back(subject, attempt)
  call('HDEL', failures_key(subject), attempt)
  for _, each in ipairs(in_order(failures_key(subject))) do
    if each[2][4] and tonumber(each[2][4]) == attempt then
      each[2][4] = false
      call('HSET', failures_key(subject), each[1], packed(each[2]))
    end
  end
end

-- What follows are the attempt's subjects; those that may start anew have a '1' before them.
function STEPS.succeed(now, attempt, ...)
  local asked = { ... }
  now, attempt = tonumber(now), tonumber(attempt)
  for i = 1, #asked, 2 do
    local subject = asked[i + 1]
    local found = call('HGET', failures_key(subject), attempt)
    if found and tonumber(unpacked(found)[3]) > now then
      call('HDEL', lockouts_key(subject), attempt)
      if extension_in(subject) then
        undo_lockout(exact(attempt))
      end
      if asked[i] == '1' then
        start_anew(subject, unpacked(found)[1], now)
      else
        take_back(subject, attempt)
      end
    end
  end
  return 0
end

function STEPS.lockouts(from, count, now)
  local subjects, next_from = batch(SITE .. 'subjects', from, count)
  local found = {}
  for _, subject in ipairs(subjects) do
    local lockout = in_force(subject, tonumber(now))
    found[#found + 1] = lockout and told_lockout(subject, lockout)
  end
  return { found, next_from }
end

local function anything(key, place, now)
  for _, each in ipairs(in_order(key)) do
    if tonumber(each[2][place]) > now then
      return true
    end
  end
  return false
end

local function forget(subject)
  call('DEL', failures_key(subject), lockouts_key(subject))
  call('ZREM', SITE .. 'subjects', subject)
end

function STEPS.clear(now, subject)
  now = tonumber(now)
  local found = anything(failures_key(subject), 3, now) or anything(lockouts_key(subject), 5, now)
  forget(subject)
  return found and 1 or 0
end

-- ------------------------------------------------------------------ moving

function STEPS.standings(from, count, now)
  now = tonumber(now)
  local subjects, next_from = batch(SITE .. 'subjects', from, count)
  local found = {}
  for _, subject in ipairs(subjects) do
    local failures, lockouts = {}, {}
    for _, each in ipairs(in_order(failures_key(subject))) do
      local failure = each[2]
      if not failure[4] and tonumber(failure[3]) > now then
        failures[#failures + 1] = { failure[1], failure[2], failure[3] }
      end
    end
    for _, each in ipairs(in_order(lockouts_key(subject))) do
      local lockout = each[2]
      if tonumber(lockout[5]) > now then
        local told = told_lockout(subject, lockout)
        told[#told + 1] = lockout[5]
        lockouts[#lockouts + 1] = told
      end
    end
    if #failures + #lockouts > 0 then
      found[#found + 1] = { subject, failures, lockouts }
    end
  end
  return { found, next_from }
end

-- failures: JSON list of [kind, at, forget]; lockouts: of [kind, since, until, row, forget]
function STEPS.put_standing(subject, failures, lockouts)
  forget(subject)
  for _, failure in ipairs(unpacked(failures)) do
    put_failure(subject, next_attempt(), { failure[1], failure[2], failure[3], false }, tonumber(failure[2]))
  end
  for _, lockout in ipairs(unpacked(lockouts)) do
    put_lockout(subject, next_attempt(), lockout, tonumber(lockout[2]))
  end
  return 0
end
