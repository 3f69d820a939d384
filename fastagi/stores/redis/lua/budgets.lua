-- Budgets: what calls may use up in a rolling window. WINDOW is LIMIT KEY UNIT, with NULs between.
--
--   windows         sorted set: all of which there is a charge
--   window:WINDOW   hash: used (what its charges come to), most (as it was asked last), shortest (no
--                   charge in it has a shorter `within_s`)
--   charges:WINDOW  sorted set: ids of charges, of distinct items the items, by when they count no more
--   amounts:WINDOW  hash: of each its amount and its `within_s`
--   held:WINDOW     sorted set: ids of those that a lease has, and settles, by when the lease ends
--
-- A budget is a list, as in JSON: limit, key, unit, most (as text: cjson writes 14 digits), within_s,
-- shadow, item; and, in a lease, the id of its charge. A step costs the same with ten charges in a
-- window and with ten thousand: what counts no more is dropped by the next one that charges to it.

local MONEY_MAX = 2 ^ 53 - 1
local AT_ONCE = 1000 -- ids in one command
local SHORT_S = 30
-- As `Unit.is_reserved`, `is_settled` and `is_distinct`.
local RESERVED = { spend = true, seconds = true }
local SETTLED = { spend = true, seconds = true, short = true }
local DISTINCT = { numbers = true, countries = true, extensions = true }

local function window_of(budget)
  return joined(budget[1], budget[2], budget[3])
end

-- A whole number as text, with all its digits; -0 is 0.
local function whole(number)
  return string.format('%.0f', number + 0)
end

-- ------------------------------------------------------------------ tariffs

-- first_s, first_cost, next_s, next_cost; nil where it is free.
local function tariff_of(text)
  if not text or text == '' then
    return nil
  end
  local found = {}
  for number in text:gmatch('%d+') do
    found[#found + 1] = tonumber(number)
  end
  return found
end

-- As `Tariff.cost`.
local function cost(tariff, seconds)
  if not tariff or seconds <= 0 then
    return 0
  end
  local further = math.max(0, math.ceil((seconds - tariff[1]) / tariff[3]))
  return math.min(tariff[2] + further * tariff[4], MONEY_MAX)
end

-- As `Tariff.lasts`.
local function lasts(tariff, money, at_most_s)
  if tariff[2] > money or at_most_s <= 0 then
    return 0
  end
  if tariff[4] == 0 or cost(tariff, at_most_s) <= money then
    return at_most_s
  end
  local further = math.floor((money - tariff[2]) / tariff[4])
  return math.min(tariff[1] + further * tariff[3], at_most_s)
end

local function amount_of(unit, seconds, tariff)
  if unit == 'spend' then
    return cost(tariff, seconds)
  end
  return unit == 'seconds' and seconds or 1
end

local function used_of(unit, seconds, tariff)
  if unit == 'short' then
    return seconds > 0 and seconds <= SHORT_S and 1 or 0
  end
  return amount_of(unit, seconds, tariff)
end

local function seconds_for(unit, left, at_most_s, tariff)
  if unit == 'seconds' then
    return math.max(0, math.min(left, at_most_s))
  end
  return tariff and lasts(tariff, math.max(0, left), at_most_s) or at_most_s
end

-- ------------------------------------------------------------------ charges

-- The amount of a charge and its `within_s`; nil where there is none.
local function charge_in(window, id)
  local value = call('HGET', SITE .. 'amounts:' .. window, id)
  if not value then
    return nil
  end
  local amount, within_s = value:match('^(%d+) (%d+)$')
  return tonumber(amount), tonumber(within_s)
end

-- What charges of a window come to.
local function sum_of(window, ids)
  local sum = 0
  for first = 1, #ids, AT_ONCE do
    local some = { unpack(ids, first, math.min(first + AT_ONCE - 1, #ids)) }
    for _, value in ipairs(call('HMGET', SITE .. 'amounts:' .. window, unpack(some))) do
      sum = sum + (value and tonumber(value:match('^%d+')) or 0)
    end
  end
  return sum
end

local function over_in(window, now)
  return call('ZRANGEBYSCORE', SITE .. 'charges:' .. window, '-inf', exact(now))
end

-- What is used of a window; what counts no more is dropped.
local function used_in(window, now)
  local over, total = over_in(window, now), SITE .. 'window:' .. window
  if #over > 0 then
    call('HINCRBY', total, 'used', whole(-sum_of(window, over)))
    for first = 1, #over, AT_ONCE do
      call('HDEL', SITE .. 'amounts:' .. window, unpack(over, first, math.min(first + AT_ONCE - 1, #over)))
    end
    call('ZREMRANGEBYSCORE', SITE .. 'charges:' .. window, '-inf', exact(now))
  end
  if call('EXISTS', SITE .. 'charges:' .. window) == 0 then
    -- The server ends keys one by one: what is left of the others counts for nothing.
    call('HDEL', total, 'used')
    call('DEL', SITE .. 'amounts:' .. window)
  end
  return tonumber(call('HGET', total, 'used') or 0)
end

local function outlive_window(window, seconds)
  for _, key in ipairs({ 'window:', 'charges:', 'amounts:', 'held:' }) do
    outlive(SITE .. key .. window, seconds)
  end
  outlive(SITE .. 'windows', seconds)
end

-- Write a charge, in place of the one that is there; whether a lease has it is written before.
local function put_charge(window, id, amount, ends, within_s, now)
  local old = charge_in(window, id) or 0
  call('HSET', SITE .. 'amounts:' .. window, id, whole(amount) .. ' ' .. whole(within_s))
  call('ZADD', SITE .. 'charges:' .. window, exact(ends), id)
  call('HINCRBY', SITE .. 'window:' .. window, 'used', whole(amount - old))
  outlive_window(window, ends - now)
end

local function drop_charge(window, id)
  call('HINCRBY', SITE .. 'window:' .. window, 'used', whole(-charge_in(window, id)))
  call('HDEL', SITE .. 'amounts:' .. window, id)
  call('ZREM', SITE .. 'charges:' .. window, id)
end

local function open_window(window, most, within_s)
  local key = SITE .. 'window:' .. window
  local shortest = tonumber(call('HGET', key, 'shortest') or within_s)
  call('HSET', key, 'most', most, 'shortest', whole(math.min(shortest, within_s)))
  call('ZADD', SITE .. 'windows', 0, window)
end

-- An item counts until the later of two ends.
local function put_item(window, item, ends, within_s, now)
  local old = call('ZSCORE', SITE .. 'charges:' .. window, item)
  if not old or tonumber(old) < ends then
    put_charge(window, item, 1, ends, within_s, now)
  end
end

-- ------------------------------------------------------------------ what leases see to

-- Those that a lease is to be charged to, and is not; each once.
local function lacking(budgets, held)
  local has, found = {}, {}
  for _, budget in ipairs(held) do
    has[window_of(budget)] = true
  end
  for _, budget in ipairs(budgets) do
    if not has[window_of(budget)] then
      has[window_of(budget)] = true
      found[#found + 1] = budget
    end
  end
  return found
end

local function has_money(budgets)
  for _, budget in ipairs(budgets) do
    if budget[3] == 'spend' then
      return true
    end
  end
  return false
end

-- Whether a call adds one to what is counted: any attempt, and an item that is new.
local function adds(budget)
  return not DISTINCT[budget[3]] or not charge_in(window_of(budget), budget[7])
end

-- How long a call may last, and what is used of each budget; nil, and the one that has too little.
local function room(budgets, tariff, least_s, seconds, now)
  local granted, before = seconds, {}
  for place, budget in ipairs(budgets) do
    local used, most = used_in(window_of(budget), now), tonumber(budget[4])
    before[place] = used
    if budget[6] then -- a shadow
    elseif RESERVED[budget[3]] then
      local for_s = seconds_for(budget[3], most - used, seconds, tariff)
      granted = math.min(granted, for_s)
      if for_s < least_s then
        return nil, budget
      end
    elseif used >= most and adds(budget) then
      return nil, budget
    end
  end
  return granted, before
end

-- As `is_crossed`; `most` times five may be more than a double holds.
local function is_crossed(before, after, most)
  local line = most - math.floor(most / 5) - (most % 5 > 0 and 1 or 0)
  return before <= line and line < after
end

-- An id for a charge that none in the window has.
local function free_id(window, id)
  while charge_in(window, id) do
    id = id .. '+'
  end
  return id
end

local function put_held(window, id, expires)
  call('ZADD', SITE .. 'held:' .. window, expires, id)
end

-- Charge a lease to budgets, of which so much is used before; they get the ids of their charges.
-- What is over goes to `over`; what is crossed comes back: limit, key, unit, used, most.
local function charge(lease, budgets, before, named, over, now)
  local seconds, expires = tonumber(lease.seconds), tonumber(lease.expires)
  local tariff, crossed, told = tariff_of(lease.tariff), {}, {}
  for place, budget in ipairs(budgets) do
    local window, unit, within_s = window_of(budget), budget[3], budget[5]
    local most, amount = tonumber(budget[4]), amount_of(unit, seconds, tariff)
    if DISTINCT[unit] then
      amount = adds(budget) and 1 or 0
    end
    open_window(window, budget[4], within_s)
    if DISTINCT[unit] then
      budget[8] = budget[7]
      put_item(window, budget[7], tonumber(lease.since) + within_s, within_s, now)
    else
      budget[8] = free_id(window, named)
      local begins = tonumber(lease.since)
      if SETTLED[unit] then
        begins = expires
        put_held(window, budget[8], lease.expires)
      end
      put_charge(window, budget[8], amount, begins + within_s, within_s, now)
    end
    local after = before[place] + amount
    if budget[6] then
      if amount > 0 and after > most and not told[budget[1]] then
        over[#over + 1], told[budget[1]] = budget[1], true
      end
    elseif is_crossed(before[place], after, most) then
      crossed[#crossed + 1] = { budget[1], budget[2], unit, whole(after), budget[4] }
    end
  end
  return crossed
end

-- Leases that were taken before there were budgets have their seconds in the head only.
local function seconds_of(lease)
  return tonumber(lease.seconds or unpacked(lease.head).seconds)
end

local function budgets_in(lease)
  return unpacked(lease.budgets or '[]')
end

local function put_budgets(budgets)
  return #budgets == 0 and '[]' or packed(budgets)
end

-- What of a lease depends on how long the call lasts: window, id, budget.
local function settled_by(lease)
  local found = {}
  for _, budget in ipairs(budgets_in(lease)) do
    if SETTLED[budget[3]] then
      found[#found + 1] = { window_of(budget), budget[8], budget }
    end
  end
  return found
end

-- Let what a lease has, and settles, count as long as it does when the lease ends at a moment.
local function move_charges(lease, expires, now)
  for _, each in ipairs(settled_by(lease)) do
    local window, id = each[1], each[2]
    local amount, within_s = charge_in(window, id)
    if amount then
      put_held(window, id, expires)
      put_charge(window, id, amount, tonumber(expires) + within_s, within_s, now)
    end
  end
end

-- How long a live lease may last, if it is to last so many seconds. What it has is charged already,
-- but for what a clock that was ahead has dropped.
local function grown(lease, seconds, now)
  local granted, tariff = seconds, tariff_of(lease.tariff)
  for _, each in ipairs(settled_by(lease)) do
    local budget = each[3]
    if RESERVED[budget[3]] then
      local left = tonumber(budget[4]) - used_in(each[1], now)
      if not budget[6] then
        left = left + (charge_in(each[1], each[2]) or 0)
        granted = math.min(granted, seconds_for(budget[3], left, seconds, tariff))
      end
    end
  end
  return granted
end

-- Charge a lease for the seconds, and until the end, that it has now; return what it crossed, as `charge`.
local function grow(lease, now)
  local tariff, crossed = tariff_of(lease.tariff), {}
  for _, each in ipairs(settled_by(lease)) do
    local window, id, budget = each[1], each[2], each[3]
    local amount = amount_of(budget[3], tonumber(lease.seconds), tariff)
    local had, before = charge_in(window, id), used_in(window, now)
    local after = before - (had or 0) + amount
    if not budget[6] and is_crossed(before, after, tonumber(budget[4])) then
      crossed[#crossed + 1] = { budget[1], budget[2], budget[3], whole(after), budget[4] }
    end
    if not had then
      open_window(window, budget[4], budget[5])
    end
    put_held(window, id, lease.expires)
    put_charge(window, id, amount, tonumber(lease.expires) + budget[5], budget[5], now)
  end
  return crossed
end

-- Give back what a lease has reserved, and its call did not use as far as anybody knows. talked: empty
-- where only the clock tells.
local function settle(lease, now, talked)
  local since, for_s = tonumber(lease.since), tonumber(talked)
  if not for_s and now >= since then
    for_s = math.ceil(now - since)
  end
  for_s = for_s and math.max(0, math.min(for_s, seconds_of(lease)))
  local tariff = tariff_of(lease.tariff)
  for _, each in ipairs(settled_by(lease)) do
    local window, id, budget = each[1], each[2], each[3]
    local reserved, within_s = charge_in(window, id)
    if reserved then
      local used = for_s and math.min(reserved, used_of(budget[3], for_s, tariff)) or reserved
      if used == 0 then
        drop_charge(window, id)
      else
        local ends = math.min(now, tonumber(lease.expires)) + within_s
        put_charge(window, id, used, ends, within_s, now)
      end
    end
  end
end

-- A lease is gone: whatever it was charged, no lease has it any more.
local function let_go(lease)
  for _, each in ipairs(settled_by(lease)) do
    call('ZREM', SITE .. 'held:' .. each[1], each[2])
  end
end

-- What others use of a budget than the call that asks, and holds a lease or not; drops nothing.
local function used_by_others(budget, held, now)
  local window, own = window_of(budget), nil
  if call('EXISTS', SITE .. 'charges:' .. window) == 0 then
    return 0
  end
  if DISTINCT[budget[3]] then
    own = budget[7]
  else
    for _, each in ipairs(held and budgets_in(held) or {}) do
      own = window_of(each) == window and each[8] or own
    end
  end
  local used = tonumber(call('HGET', SITE .. 'window:' .. window, 'used') or 0) - sum_of(window, over_in(window, now))
  local ends = own and call('ZSCORE', SITE .. 'charges:' .. window, own)
  if ends and tonumber(ends) > now then
    used = used - charge_in(window, own)
  end
  return used
end

-- ------------------------------------------------------------------ listing, moving

-- Of each window: its name, what is used, most, and what of it live leases have reserved.
function STEPS.spent(from, count, now)
  local windows, next_from = batch(SITE .. 'windows', from, count)
  local found = {}
  for _, window in ipairs(windows) do
    local total = hash(SITE .. 'window:' .. window)
    local used = tonumber(total.used or 0) - sum_of(window, over_in(window, tonumber(now)))
    if used > 0 then
      local held = call('ZRANGEBYSCORE', SITE .. 'held:' .. window, '(' .. now, '+inf')
      found[#found + 1] = { window, whole(used), total.most, whole(sum_of(window, held)) }
    end
  end
  return { found, next_from }
end

local function next_window(from)
  return call('ZRANGEBYLEX', SITE .. 'windows', from, '+', 'LIMIT', 0, 1)[1]
end

-- Of each charge: window, id, amount and `within_s`, end, most, whether a live lease has it. One that
-- is there all the time may come twice. `from` is where a scan of a window goes on, and the window.
function STEPS.charges(from, count, now)
  local cursor, window = '0', nil
  if from == '' then
    window = next_window('-')
  else
    cursor, window = from:match('^(.-)%z(.*)$')
  end
  local found, looked = {}, 0
  while window and looked < tonumber(count) do
    local page = call('ZSCAN', SITE .. 'charges:' .. window, cursor, 'COUNT', count)
    local most = call('HGET', SITE .. 'window:' .. window, 'most') or '0'
    for i = 1, #page[2], 2 do
      local id, ends = page[2][i], page[2][i + 1]
      local lease_ends = call('ZSCORE', SITE .. 'held:' .. window, id)
      local is_held = lease_ends and tonumber(lease_ends) > tonumber(now) and 1 or 0
      local value = call('HGET', SITE .. 'amounts:' .. window, id)
      found[#found + 1] = tonumber(ends) > tonumber(now) and { window, id, value, ends, most, is_held } or nil
    end
    cursor, looked = page[1], looked + 1 + #page[2] / 2
    if cursor == '0' then
      window = next_window('(' .. window)
    end
  end
  return { found, window and joined(cursor, window) or false }
end

-- Of an id that is there, that one stays; of an item, the later end.
function STEPS.put_charge(limit, key, unit, id, amount, ends, within_s, most)
  local window = joined(limit, key, unit)
  ends, within_s = tonumber(ends), tonumber(within_s)
  open_window(window, most, within_s)
  if DISTINCT[unit] then
    put_item(window, id, ends, within_s, ends - within_s)
  elseif not charge_in(window, id) then
    put_charge(window, id, tonumber(amount), ends, within_s, ends - within_s)
  end
  return 0
end
