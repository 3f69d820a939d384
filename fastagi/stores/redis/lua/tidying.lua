-- Keeping a site small, and right when a clock was set back. Nothing here changes an answer while
-- clocks go forward: what is dropped was void already.

local CLOCKS_DIFFER_S = 60

local function moved(now, from, till)
  return exact(now + (tonumber(till) - tonumber(from)))
end

-- Those that move end earlier than they did: none is moved out of the way of the next batch.
function STEPS.tidy_leases(from, count, now)
  now = tonumber(now)
  local ids, next_from = batch_of_leases(from, count, 0)
  local dropped = 0
  for _, id in ipairs(ids) do
    local lease = hash(SITE .. 'lease:' .. id)
    if lease.head and tonumber(lease.since) > now + CLOCKS_DIFFER_S then
      lease.expires = moved(now, lease.since, lease.expires)
      call('HSET', SITE .. 'lease:' .. id, 'since', exact(now))
      set_end(id, lease, lease.expires, now)
      move_charges(lease, lease.expires, now)
    end
    if not lease.head or tonumber(lease.expires) <= now then
      dropped = dropped + 1
      drop(id, now)
    end
  end
  return { dropped, next_from }
end

-- Those that no lease has, and that count from a moment yet to come, count from now.
local function re_date_charges(window, now)
  local shortest = tonumber(call('HGET', SITE .. 'window:' .. window, 'shortest') or 0)
  local future = now + CLOCKS_DIFFER_S
  local late = call('ZRANGEBYSCORE', SITE .. 'charges:' .. window, '(' .. exact(future + shortest), '+inf', 'WITHSCORES')
  for i = 1, #late, 2 do
    local amount, within_s = charge_in(window, late[i])
    local is_held = call('ZSCORE', SITE .. 'held:' .. window, late[i])
    if not is_held and tonumber(late[i + 1]) - within_s > future then
      put_charge(window, late[i], amount, now + within_s, within_s, now)
    end
  end
end

function STEPS.tidy_windows(from, count, now)
  now = tonumber(now)
  local windows, next_from = batch(SITE .. 'windows', from, count)
  local dropped = 0
  for _, window in ipairs(windows) do
    call('ZREMRANGEBYSCORE', SITE .. 'held:' .. window, '-inf', exact(now))
    re_date_charges(window, now)
    dropped = dropped + call('ZCOUNT', SITE .. 'charges:' .. window, '-inf', exact(now))
    used_in(window, now)
    if call('EXISTS', SITE .. 'charges:' .. window) == 0 then
      for _, key in ipairs({ 'window:', 'amounts:', 'held:' }) do
        call('DEL', SITE .. key .. window)
      end
      call('ZREM', SITE .. 'windows', window)
    end
  end
  return { dropped, next_from }
end

-- Of each value: where its beginning stands, and the ends that move with it; the last one voids it.
local function tidy_subject(key, from, ends, now)
  local dropped = 0
  for _, each in ipairs(in_order(key)) do
    local value = each[2]
    if tonumber(value[from]) > now + CLOCKS_DIFFER_S then
      for _, place in ipairs(ends) do
        value[place] = moved(now, value[from], value[place])
      end
      value[from] = exact(now)
      call('HSET', key, each[1], packed(value))
    end
    if tonumber(value[ends[#ends]]) <= now then
      call('HDEL', key, each[1])
      dropped = dropped + 1
    end
  end
  return dropped
end

local function tidy_proofs(extension, now)
  local dropped = 0
  for field, value in pairs(hash(proof_key(extension))) do
    local at, till = unpack(unpacked(value))
    if tonumber(at) > now + CLOCKS_DIFFER_S then
      call('HDEL', proof_key(extension), field) -- how long ago it was, nobody knows
    elseif tonumber(till) <= now then
      call('HDEL', proof_key(extension), field)
      dropped = dropped + 1
    end
  end
  return dropped
end

function STEPS.tidy_subjects(from, count, now)
  now = tonumber(now)
  local subjects, next_from = batch(SITE .. 'subjects', from, count)
  local dropped = 0
  for _, subject in ipairs(subjects) do
    dropped = dropped + tidy_subject(failures_key(subject), 2, { 3 }, now)
    dropped = dropped + tidy_subject(lockouts_key(subject), 2, { 3, 5 }, now)
    if call('EXISTS', failures_key(subject), lockouts_key(subject)) == 0 then
      call('ZREM', SITE .. 'subjects', subject)
    end
  end
  return { dropped, next_from }
end

function STEPS.tidy_proofs(from, count, now)
  local extensions, next_from = batch(SITE .. 'extensions', from, count)
  local dropped = 0
  for _, extension in ipairs(extensions) do
    dropped = dropped + tidy_proofs(extension, tonumber(now))
  end
  return { dropped, next_from }
end

-- Let the moments of a sign-in that are yet to come be now.
local function re_date(name, now)
  local found = hash(sign_in_key(name))
  for _, field in ipairs({ 'used', 'lived', 'ended' }) do
    if found[field] and tonumber(found[field]) > now + CLOCKS_DIFFER_S then
      call('HSET', sign_in_key(name), field, exact(now))
    end
  end
end

-- Those that were opened by a clock set back are over: what such a clock allowed is not to be had.
function STEPS.tidy_sign_ins(from, count, now)
  now = tonumber(now)
  local names, next_from = batch(SITE .. 'sign-ins', from, count)
  local dropped = 0
  for _, name in ipairs(names) do
    re_date(name, now)
    local found = as_it_is(name, now)
    if found and tonumber(found.since) > now + CLOCKS_DIFFER_S then
      forget_sign_in(name)
    elseif not found or is_forgotten(found, now) then
      forget_sign_in(name)
      dropped = dropped + 1
    end
  end
  return { dropped, next_from }
end

function STEPS.tidy_records(from, count, now)
  local names, next_from = batch(SITE .. 'records', from, count)
  local dropped = 0
  for _, name in ipairs(names) do
    if not live_record(name, tonumber(now)) then
      drop_record(name)
      dropped = dropped + 1
    end
  end
  return { dropped, next_from }
end
