#include <brio/tasks/redis_scripts.hpp>
#include <brio/tasks/redis_whole_script.hpp>

namespace brio::tasks::redis_scripts {

const redis::Script& take_back() {
    static const Whole script(R"lua(
local worker, now, most_deaths, beats = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
if call('HGET', 'brio:workers', worker) ~= beats then return {} end
call('HDEL', 'brio:workers', worker)
call('ZADD', 'brio:gone', now, worker)
call('ZREMRANGEBYRANK', 'brio:gone', 0, -1001)
untake(worker, last_fence())
for field, id in pairs(plain_held(worker)) do
  unfold(id, envelope_of(worker, field), worker, string.match(field, '^%d+'))
end
local running = call('HGETALL', running_by(worker))
local held = {}
for i = 1, #running, 2 do
  local fence = string.match(running[i], '^%d+')
  local pushed = call('HGET', key(sub(running[i + 1], 2)), 'pushed')
  held[#held + 1] = {tonumber(fence), fence, running[i + 1], running[i], tonumber(pushed) or 0}
end
table.sort(held, function(a, b)
  if a[1] ~= b[1] then return a[1] > b[1] end
  if a[5] ~= b[5] then return a[5] > b[5] end
  return a[3] > b[3]
end)
local back = {}
for _, each in ipairs(held) do
  local id = sub(each[3], 2)
  back[#back + 1] = id
  local envelope = envelope_of(worker, each[4])
  local task = call('HMGET', key(id), 'queue', 'priority', 'failures', 'revoked', 'followed')
  local deaths = call('HINCRBY', key(id), 'deaths', 1)
  call('HSET', key(id), 'died', each[2])
  if call('HGET', key(id), 'error_type') ~= 'death' then  -- else it is known how
    call('HSET', key(id), 'error', 'its worker died', 'error_type', 'death')
  end
  call('SREM', 'brio:revoked', id)
  local start = '{"task_id":' .. cjson.encode(id) .. ',"traceback":null,"children":[],"status":'
  if task[5] then
    call('HSET', key(id), 'state', waiting_state(task[3]))
    into_list(id, now, task[1], task[2], envelope, true)
  elseif task[4] then
    finish(id, 'revoked', now, 3600, start .. '"REVOKED","result":{"exc_type":"TaskRevokedError",' ..
           '"exc_message":["terminated"],"exc_module":"celery.exceptions"}}')
  elseif deaths >= most_deaths then
    bury(id, task[1], now, 3600, start .. '"FAILURE","result":{"exc_type":"death",' ..
         '"exc_message":["its worker died"],"exc_module":"brio"}}', envelope)
  else
    call('HSET', key(id), 'state', waiting_state(task[3]))
    into_list(id, now, task[1], task[2], envelope, true)
  end
end
call('DEL', running_by(worker), taken_by(worker))
call('HDEL', 'brio:back', worker)
return back
)lua");
    return script.script();
}

const redis::Script& tell_death() {
    static const Whole script(R"lua(
local words = ARGV[1]
local came_back = {pending = true, retrying = true, failed = true}
for i = 2, #ARGV, 2 do
  local id, fence = ARGV[i], ARGV[i + 1]
  local record = plain_of(id)
  if record and sub(record, 2, 1 + #fence) == fence then unfold(id) end
  local task = call('HMGET', key(id), 'state', 'fence', 'error_type', 'died')
  local is_held = task[1] == 'running' and task[2] == fence
  if is_held or (came_back[task[1]] and task[3] == 'death' and task[4] == fence) then
    call('HSET', key(id), 'error', words, 'error_type', 'death')
  end
end
return 1
)lua");
    return script.script();
}

const redis::Script& revoke() {
    static const Whole script(R"lua(
local id, now, json = ARGV[1], ARGV[2], ARGV[3]
unfold(id)
local task = call('HMGET', key(id), 'state', 'queue', 'until', 'followed', 'priority', 'envelope')
if not task[1] or is_forgotten(task[3], now) then return 0 end
if task[1] == 'running' then
  call('HSET', key(id), 'revoked', 1)
  call('SADD', 'brio:revoked', id)
  return 1
end
if not is_waiting(task[1]) then return 0 end
if task[4] then  -- a worker ends it, who tells others
  call('HSET', key(id), 'revoked', 1)
  if call('ZREM', 'brio:scheduled:' .. task[2], id) == 1 then
    into_list(id, now, task[2], task[5], task[6])
  end
  return 1
end
-- One that is in a list stays there until it is taken: so long it must be known that it is revoked.
local is_scheduled = call('ZREM', 'brio:scheduled:' .. task[2], id) == 1
finish(id, 'revoked', now, is_scheduled and 3600 or 7 * DAY, '')
publish(id, 3600, json)
return 1
)lua");
    return script.script();
}

const redis::Script& progress() {
    static const Whole script(R"lua(
local record = plain_of(ARGV[1])
if record and sub(record, 2, 1 + #ARGV[2]) == ARGV[2] then unfold(ARGV[1]) end
local task = call('HMGET', key(ARGV[1]), 'state', 'fence')
if task[1] == 'running' and task[2] == ARGV[2] then
  call('HSET', key(ARGV[1]), 'progress', ARGV[3], 'words', ARGV[4])
end
return 1
)lua");
    return script.script();
}

const redis::Script& beat() {
    static const Whole script(R"lua(
local worker = ARGV[1]
if call('ZSCORE', 'brio:gone', worker) then return {'gone'} end
call('HINCRBY', 'brio:workers', worker, 1)
local answer = {'known'}
for _, id in ipairs(call('SMEMBERS', 'brio:revoked')) do
  local task = call('HMGET', key(id), 'state', 'worker')
  if task[1] == 'running' and task[2] == worker then answer[#answer + 1] = id end
end
return answer
)lua");
    return script.script();
}

const redis::Script& held() {
    static const Whole script(R"lua(
local worker, looked = ARGV[1], ARGV[2]
local last = last_fence()
untake(worker, looked == 'all' and last or looked)
local answer = {}
local function hold(field, id)
  answer[#answer + 1] = string.match(field, '^%d+')
  answer[#answer + 1] = id
end
for field, id in pairs(plain_held(worker)) do hold(field, id) end
local running = call('HGETALL', running_by(worker))
for i = 1, #running, 2 do hold(running[i], sub(running[i + 1], 2)) end
answer[#answer + 1] = last
return answer
)lua");
    return script.script();
}

const redis::Script& leave() {
    static const Whole script(R"lua(
call('HDEL', 'brio:workers', ARGV[1])
call('HDEL', 'brio:back', ARGV[1])
call('ZREM', 'brio:gone', ARGV[1])
return 1
)lua");
    return script.script();
}

const redis::Script& queues() {
    static const Whole script(R"lua(
local now = ARGV[1]
local running = {}
local function count(queue)
  if queue then running[queue] = (running[queue] or 0) + 1 end
end
for _, worker in ipairs(call('HKEYS', 'brio:workers')) do
  for _, id in pairs(plain_held(worker)) do
    local record = plain_of(id)
    if record then count(string.match(record, '"queue":"([^"\\]*)"') or read_plain(record).queue) end
  end
  for _, held in ipairs(call('HVALS', running_by(worker))) do
    count(call('HGET', key(sub(held, 2)), 'queue'))
  end
end
local all = {}
for _, queue in ipairs(call('SUNION', 'brio:queues', 'brio:paused')) do
  move_due(queue, now)
  local row = {queue, 0, call('ZCARD', 'brio:scheduled:' .. queue), running[queue] or 0,
               call('ZCARD', 'brio:dead:' .. queue), call('SISMEMBER', 'brio:paused', queue)}
  for _, list in ipairs(lists_of(queue)) do
    row[2] = row[2] + call('LLEN', list)
    row[#row + 1] = call('LINDEX', list, -1) or ''
  end
  all[#all + 1] = row
end
return all
)lua");
    return script.script();
}

const redis::Script& dead() {
    static const Whole script(R"lua(
local queue, name, most = ARGV[1], ARGV[2], tonumber(ARGV[3])
local queues = queue == '' and call('SMEMBERS', 'brio:queues') or {queue}
local found = {}
for _, each in ipairs(queues) do
  local ids = call('ZREVRANGE', 'brio:dead:' .. each, 0, 9999, 'WITHSCORES')
  for i = 1, #ids, 2 do
    if name == '' or call('HGET', key(ids[i]), 'name') == name then
      found[#found + 1] = {tonumber(ids[i + 1]), ids[i]}
    end
  end
end
table.sort(found, function(a, b) return a[1] > b[1] end)
local all = {}
for i = 1, math.min(most, #found) do
  all[#all + 1] = found[i][2]
  all[#all + 1] = told(found[i][2])
end
return all
)lua");
    return script.script();
}

const redis::Script& status() {
    static const Whole script("return told(ARGV[1])");
    return script.script();
}

// Of each kind of place some of those that came last.
const redis::Script& list() {
    static const Whole script(R"lua(
local state, now, most = ARGV[1], ARGV[2], tonumber(ARGV[3])
local all, seen = {}, {}
local function add(id)
  if seen[id] then return end
  seen[id] = true
  all[#all + 1] = id
  all[#all + 1] = told(id)
end
local function list_hashes()
  for first = 0, 99000, 1000 do
    local ids = call('ZREVRANGE', 'brio:index', first, first + 999)
    for _, id in ipairs(ids) do
      local known = call('HMGET', key(id), 'state', 'until')
      local shown = known[1] == 'new' and 'pending' or known[1]
      local is_wanted = shown and (state == '' or state == shown) and not is_forgotten(known[2], now)
      if #all < most * 2 and is_wanted then add(id) end
    end
    if #all >= most * 2 or #ids < 1000 then return end
  end
end
local function list_waiting(list)
  local count, bytes = 0, 0
  while count < most and bytes < 4000000 do
    local envelopes = call('LRANGE', list, count, count + 15)
    for _, envelope in ipairs(envelopes) do
      count, bytes = count + 1, bytes + #envelope
      local id = string.match(envelope, '^{"headers":{"id":"([^"\\]+)"')
      if id and plain_of(id) then add(id) end
    end
    if #envelopes < 16 then return end
  end
end
local function list_done(place)
  local count = 0
  for at = -1, -most, -1 do
    local ids = call('LINDEX', place, at)
    if not ids or count >= most then return end
    for id in string.gmatch(ids, '%S+') do
      count = count + 1
      if call('EXISTS', 'celery-task-meta-' .. id) == 1 then add(id) end
    end
  end
end
list_hashes()
if state == '' or state == 'pending' then
  for _, queue in ipairs(call('SMEMBERS', 'brio:queues')) do
    for _, list in ipairs(lists_of(queue)) do list_waiting(list) end
  end
end
if state == '' or state == 'running' then
  for _, worker in ipairs(call('HKEYS', 'brio:workers')) do
    for _, id in pairs(plain_held(worker)) do add(id) end
  end
end
if state == '' or state == 'done' then
  for _, seconds in ipairs(call('SMEMBERS', 'brio:lasts')) do list_done('brio:done:' .. seconds) end
end
return all
)lua");
    return script.script();
}

const redis::Script& retry_dead() {
    static const Whole script(R"lua(
local now = ARGV[1]
local count = 0
for i = 2, #ARGV, 2 do
  local id, envelope = ARGV[i], ARGV[i + 1]
  local task = call('HMGET', key(id), 'state', 'queue', 'priority')
  if task[1] == 'failed' then
    call('ZREM', 'brio:dead:' .. task[2], id)
    call('HDEL', key(id), 'error', 'error_type', 'ended', 'begun', 'progress', 'words')
    call('HSET', key(id), 'state', 'pending', 'failures', 0, 'deaths', 0, 'due', now)
    call('DEL', 'celery-task-meta-' .. id)
    into_list(id, now, task[2], task[3], envelope)
    count = count + 1
  end
end
return count
)lua");
    return script.script();
}

const redis::Script& drop_dead() {
    static const Whole script(R"lua(
local count = 0
for _, id in ipairs(ARGV) do
  local task = call('HMGET', key(id), 'state', 'queue')
  if task[1] == 'failed' then
    call('ZREM', 'brio:dead:' .. task[2], id)
    call('DEL', 'celery-task-meta-' .. id)
    drop(id)
    count = count + 1
  end
end
return count
)lua");
    return script.script();
}

const redis::Script& trim_dead() {
    static const Whole script(R"lua(
local place, kept, most = 'brio:dead:' .. ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local beyond = math.min(call('ZCARD', place) - kept, most)
local all = {}
if beyond > 0 then
  for _, id in ipairs(call('ZRANGE', place, 0, beyond - 1)) do
    all[#all + 1] = id
    all[#all + 1] = told(id)
    call('ZREM', place, id)
    call('DEL', 'celery-task-meta-' .. id)
    drop(id)
  end
end
return all
)lua");
    return script.script();
}

const redis::Script& purge() {
    static const Whole script(R"lua(
local queue, most = ARGV[1], tonumber(ARGV[2])
local envelopes = {}
for _, list in ipairs(lists_of(queue)) do
  while #envelopes < most do
    local envelope = call('RPOP', list)
    if not envelope then break end
    envelopes[#envelopes + 1] = envelope
  end
end
local place = 'brio:scheduled:' .. queue
local scheduled = call('ZRANGE', place, 0, most - 1)
for _, id in ipairs(scheduled) do
  call('ZREM', place, id)
  drop(id)
end
return {#scheduled, envelopes}
)lua");
    return script.script();
}

const redis::Script& forget() {
    static const Whole script(R"lua(
local count = 0
for _, id in ipairs(ARGV) do
  local record, place = plain_of(id)
  if record and string.find(record, '^[nN]') then call('HDEL', place, id) end
  local state = call('HGET', key(id), 'state')
  if is_waiting(state) then drop(id) end
  if state == 'revoked' then count = count + 1 end
end
return count
)lua");
    return script.script();
}

const redis::Script& sweep() {
    static const Whole script(R"lua(
local count = sweep(ARGV[1], ARGV[2])
for _, seconds in ipairs(call('SMEMBERS', 'brio:lasts')) do
  forget_done(seconds, tonumber(ARGV[2]))
  if call('EXISTS', 'brio:done:' .. seconds) == 0 then call('SREM', 'brio:lasts', seconds) end
end
return count
)lua");
    return script.script();
}

const redis::Script& lead() {
    static const Whole script(R"lua(
local place = 'brio:lead:' .. ARGV[1]
local renewals = call('HGET', place, 'renewals') or '0'
if renewals ~= ARGV[4] then return 0 end
call('HSET', place, 'holder', ARGV[2], 'lasts', ARGV[3])
call('HINCRBY', place, 'renewals', 1)
return 1
)lua");
    return script.script();
}

const redis::Script& exchange() {
    static const Whole script(R"lua(
local value = call('HGET', 'brio:values', ARGV[1])
local is_from = (ARGV[2] == '0' and not value) or (ARGV[2] == '1' and value == ARGV[3])
if is_from then
  call('HSET', 'brio:values', ARGV[1], ARGV[4])
  return ARGV[4]
end
return value
)lua");
    return script.script();
}

}  // namespace brio::tasks::redis_scripts
