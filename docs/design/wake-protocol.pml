/*
 * The wake protocol, for the model checker spin: CALLERS calling threads and LOOPS loop threads, each of which
 * has a channel to each. Names are those of src/wire/layout.ts, src/caller/ and src/loop/; wake-protocol.md next to
 * this file tells how to read and how to run it.
 *
 * What spin must not find: a state in which nobody can go on although a call is unanswered (a lost
 * wake-up: invalid end state), a reply to the wrong call, a message that is not there although its
 * number is, a reply that is lost though it came before the end of its loop thread (assertions).
 *
 * Time slices do not rescue anybody here: a sleeping caller looks for death only once it has happened,
 * so a wake-up that is lost stays lost.
 *
 * A coroutine may call back, and the callback may call (NESTED): calls stand on the stack of their thread. With
 * CUTS that stack is cut off at any step while a thread wakes, waits, sleeps or executes a callback: either whole,
 * or its topmost call only. What the caller has said before goes on being said.
 *
 * With LEAVES a caller may leave when it has its answers (a connected runner that is closed): then the loop thread
 * gives up its end of the channel, whatever it was doing, and writes to it no more.
 *
 * -DBREAK_1 … -DBREAK_11 each take one rule out of the protocol; spin finds an error in each of them.
 */
#ifndef CALLERS
#define CALLERS 1
#endif
#ifndef LOOPS
#define LOOPS 1
#endif
#ifndef CALLS
#define CALLS 2
#endif
#define CHANNELS (CALLERS * LOOPS)
#define OF(c, l) ((c) * LOOPS + (l))
/* A callback of call n, and the answer to it, are the message n + CALLBACK. */
#define CALLBACK 8

/* Control block of each loop thread. */
bit LOOP_SLEEPS[LOOPS];
bool DEAD[LOOPS];          /* the thread is gone, whether it said so or not */

/* Block of each calling thread. */
bit ASLEEP[CALLERS];

/* Channels. Numbers and rings are apart, as in memory. */
byte CALL_SEQ[CHANNELS];
byte CALL_TAKEN[CHANNELS];
byte REPLY_SEQ[CHANNELS];
bool CLOSED[CHANNELS];     /* bit 0 of REPLY_SEQ: read and written together with it */
bit WAKE_POSTED[CHANNELS];
chan ring_of_calls[CHANNELS] = [2 * CALLS] of { byte };
chan ring_of_replies[CHANNELS] = [2 * CALLS] of { byte };
bool is_task[CALLERS * (CALLS + 1)];   /* stands in the call: its reply is for the event loop as well */

/* What the platform provides: ports, and the sleepers of Atomics.wait. */
chan loop_port[LOOPS] = [CALLERS * (2 * CALLS + 3)] of { bit };
chan caller_port[CALLERS] = [3 * LOOPS] of { byte };
bool in_futex[CALLERS];

/* A caller that leaves: bit 0 of CALL_SEQ, and what the loop thread has made of it. */
bool LEFT[CHANNELS];
bool forsaken[CHANNELS];

/* What may befall the first loop thread, and the stack of the first caller, at any moment. */
bool closing, killed, cut;

/*
 * Inbox.isAhead. The number may lag behind: a message in the ring can be taken as soon as it is there
 * (Inbox.take), though it need not be seen earlier than its number. Seeing it early is explored with one channel.
 */
#define is_ahead(ch) (REPLY_SEQ[ch] > seen[l] || CLOSED[ch])
#if CALLERS == 1 && LOOPS == 1
#define is_in_ring(ch) nempty(ring_of_replies[ch])
#define is_called(ch) nempty(ring_of_calls[ch])
#else
#define is_in_ring(ch) false
#define is_called(ch) false
#endif
#define ahead_in(l) (!failed[l] && (REPLY_SEQ[OF(me, l)] > seen[l] || CLOSED[OF(me, l)]))
#define news_in(l) (!failed[l] && (ahead_in(l) || is_in_ring(OF(me, l))))
#if LOOPS > 1
#define has_announced (ahead_in(0) || ahead_in(1))
#define has_news (news_in(0) || news_in(1))
#define some_dead (DEAD[0] && !failed[0] || DEAD[1] && !failed[1])
#else
#define has_announced ahead_in(0)
#define has_news news_in(0)
#define some_dead (DEAD[0] && !failed[0])
#endif
#define is_over(n) (answered[n] || failed[target[n]])

/* Connection.wakeLoop: what it is woken for stands in CALL_SEQ already. The mark stays where it is cut off. */
inline wake_loop(k) {
  if
  :: isWaking[k] || LOOP_SLEEPS[k] == 1 ->
     wasCutOff = isWaking[k];
#ifndef BREAK_9
     isWaking[k] = true;
#endif
     d_step { looked = LOOP_SLEEPS[k]; LOOP_SLEEPS[k] = 0 };   /* swap: of several callers one posts */
     if
     :: looked == 1 || wasCutOff -> loop_port[k]!1
     :: else
     fi;
     isWaking[k] = false
  :: else
  fi
}

/* Connection.wakeLoopIfOwed */
inline wake_loop_if_owed() {
  i = 0;
  do
  :: i == LOOPS -> break
  :: i < LOOPS ->
     if
     :: isWaking[i] || CALL_TAKEN[OF(me, i)] < CALL_SEQ[OF(me, i)] -> wake_loop(i)
     :: else
     fi;
     i++
  od
}

/* Connection.flush: the message, its number, and then the look at the announcement. */
inline publish(k, message) {
#ifdef BREAK_1
  early = LOOP_SLEEPS[k];
#endif
#ifdef BREAK_2
  CALL_SEQ[OF(me, k)]++;
  ring_of_calls[OF(me, k)]!message
#else
  ring_of_calls[OF(me, k)]!message;       /* the message is visible before its number */
  CALL_SEQ[OF(me, k)]++
#endif
}
#ifdef BREAK_1
#define wake_after_publishing(k) if :: early == 1 -> wake_loop(k) :: else fi
#else
#define wake_after_publishing(k) wake_loop(k)
#endif

inline begin_call() {
  id++;
  l = 0;
#if LOOPS > 1
  if
  :: l = 0
  :: l = 1
  fi;
#endif
  target[id] = l
}

/* receive(): once, also when the stack is cut off in the middle (Connection.repair delivers what is in hand). */
inline take(k) {
  d_step {
    assert(nempty(ring_of_replies[OF(me, k)]));
    ring_of_replies[OF(me, k)]?got;
    seen[k]++;
    if
    :: got > CALLBACK -> owes[got - CALLBACK] = true
    :: else ->
       assert(got <= id && target[got] == k && !answered[got]);   /* one reply to each call, and to no other */
       answered[got] = true
    fi;
    got = 0
  }
}

/* Connection.takeMessage: one message, or the end. All have been published when the closed bit can be seen. */
inline take_message(k) {
  if
  :: is_in_ring(OF(me, k)) -> take(k)
  :: REPLY_SEQ[OF(me, k)] > seen[k] -> take(k)
  :: REPLY_SEQ[OF(me, k)] <= seen[k] ->
     if
     :: CLOSED[OF(me, k)] ->
#ifdef BREAK_11
        fail(k)
#else
        if
        :: REPLY_SEQ[OF(me, k)] > seen[k] -> take(k)
        :: REPLY_SEQ[OF(me, k)] <= seen[k] -> fail(k)
        fi
#endif
     :: !CLOSED[OF(me, k)]
     fi
  fi
}

/* Connection.fail, after the end that was announced: what came before it has been taken. */
inline fail(k) {
  assert(empty(ring_of_replies[OF(me, k)]));
  failed[k] = true
}

/* A violent end, seen after a slice: its last words are taken, then it counts as failed. */
inline check_life(k) {
  if
  :: DEAD[k] && !failed[k] ->
     do
     :: REPLY_SEQ[OF(me, k)] > seen[k] -> take(k)
     :: REPLY_SEQ[OF(me, k)] <= seen[k] -> break
     od;
     failed[k] = true
  :: else
  fi
}

inline answer(n) {
  d_step {
    owes[n] = false;
    executes[n] = false;
    if
    :: !failed[target[n]] -> ring_of_calls[OF(me, target[n])]!n + CALLBACK; CALL_SEQ[OF(me, target[n])]++
    :: else
    fi
  };
  wake_loop(target[n])
}

/* thread.runInvocation: the callback of some call is executed, which may call in turn. */
inline run_invocation() {
  n = 1;
  do
  :: n > CALLS -> break
  :: n <= CALLS && owes[n] && !executes[n] ->
     executes[n] = true;
     if
     :: answer(n)
#ifdef NESTED
     :: depth == 1 && id < CALLS ->
        d_step { id++; target[id] = 0 };
#if LOOPS > 1
        if
        :: true
        :: target[id] = 1
        fi;
#endif
        if
        :: !failed[target[id]] ->
           d_step {
             ring_of_calls[OF(me, target[id])]!id;
             CALL_SEQ[OF(me, target[id])]++;
             goal[1] = id;
             within = n;
             depth = 2
           };
           wake_loop(target[id])
        :: else -> answer(n)
        fi
#endif
     fi;
     break
  :: n <= CALLS && !(owes[n] && !executes[n]) -> n++
  od
}
#if CALLS > 2
#define is_called_back (owes[1] && !executes[1] || owes[2] && !executes[2] || owes[3] && !executes[3])
#elif CALLS > 1
#define is_called_back (owes[1] && !executes[1] || owes[2] && !executes[2])
#else
#define is_called_back (owes[1] && !executes[1])
#endif

/* sleep() of wait-until.ts. Announce first, look again after. */
inline sleep() {
#ifdef BREAK_3
  !has_announced;
  ASLEEP[me] = 1;
#else
  ASLEEP[me] = 1;
#endif
#ifndef BREAK_9
  wake_loop_if_owed();
#endif
  if
#ifdef BREAK_3
  :: true ->
#else
  :: !has_announced ->
#endif
     /* Atomics.wait compares and falls asleep in one step. */
     d_step { in_futex[me] = (ASLEEP[me] == 1) };
     do
     :: !in_futex[me] -> break                              /* notified */
#ifndef BREAK_4
     :: some_dead && in_futex[me] ->                        /* a slice has ended */
        in_futex[me] = false;
        check_life(0);
#if LOOPS > 1
        check_life(1);
#endif
        break
#endif
     od
  :: has_announced
  fi;
  ASLEEP[me] = 0
}

/* waitUntil(), for whatever is on top of the stack: what is below goes on when that is over. */
inline wait_until() {
  do
  :: depth == 0 -> break
  :: depth > 0 && is_over(goal[depth - 1]) ->
     depth--;
     if
     :: depth == 1 -> answer(within)
     :: else
     fi
  :: depth > 0 && !is_over(goal[depth - 1]) && is_called_back -> run_invocation()
  :: depth > 0 && !is_over(goal[depth - 1]) && !is_called_back && news_in(0) -> take_message(0)
#if LOOPS > 1
  :: depth > 0 && !is_over(goal[depth - 1]) && !is_called_back && news_in(1) -> take_message(1)
#endif
  :: depth > 0 && !is_over(goal[depth - 1]) && !is_called_back && !has_announced -> sleep()
  od
}

/* The sweep of thread.ts: a microtask, so nothing is on the stack. Callbacks that were cut off are answered. */
inline sweep() {
  depth = 0;
  ASLEEP[me] = 0;
  in_futex[me] = false;
  n = 1;
  do
  :: n > CALLS -> break
  :: n <= CALLS ->
     if
     :: executes[n] -> answer(n)
     :: else
     fi;
     n++
  od;
#ifndef BREAK_9
  wake_loop_if_owed()
#endif
}

/* A task that is awaited: the caller is in its own event loop, and hears of replies through its port. */
inline await_task() {
  do
  :: is_over(id) -> break
  :: !is_over(id) && is_called_back -> run_invocation()
  :: !is_over(id) && !is_called_back ->
     if
     :: caller_port[me]?l ->
        /* Connection.#onWake: what is published from here on posts once more. */
#ifndef BREAK_10
        WAKE_POSTED[OF(me, l)] = 0;
#endif
        do
        :: news_in(l) -> take_message(l)
        :: !ahead_in(l) -> break
        od;
#ifdef BREAK_10
        WAKE_POSTED[OF(me, l)] = 0
#endif
     :: some_dead && empty(caller_port[me]) ->                /* the worker's exit event */
        check_life(0)
#if LOOPS > 1
        ; check_life(1)
#endif
     fi
  od
}

proctype Caller(byte me) {
  byte id, got, l, i, n, depth, within;
  byte goal[2];
  byte target[CALLS + 1];
  byte seen[LOOPS];
  bit looked, early;
  bool wasCutOff;
  bool isWaking[LOOPS];
  bool failed[LOOPS];
  bool answered[CALLS + 1];
  bool owes[CALLS + 1];       /* a callback has come and has not been answered */
  bool executes[CALLS + 1];   /* it is on the stack, or was when that was cut off */
  do
  :: id == CALLS || failed[0] -> break
  :: id < CALLS && !failed[0] ->
     begin_call();
     if
     :: failed[l] -> skip
     :: !failed[l] ->
        if
        :: is_task[me * (CALLS + 1) + id] = true; publish(l, id); wake_after_publishing(l); await_task()
        :: publish(l, id);
           d_step { goal[0] = id; depth = 1 };
           { wake_after_publishing(l); wait_until() } unless { atomic { cut && me == 0 -> cut = false } };
           if
           :: depth == 0
           :: depth == 2 -> depth = 1; answer(within); wait_until()   /* caught in the callback, which goes on */
           :: depth > 0 -> skip               /* in the same breath it calls again */
           :: depth > 0 -> sweep()
           fi
#ifdef LEAVES
        :: me == 0 -> publish(l, id); wake_after_publishing(l); goto leave   /* createTask, and close() */
#endif
        fi
     fi
  od;
  sweep();
#ifdef LEAVES
  if
  :: me == 0 && !failed[0] -> goto leave
  :: skip -> goto gone
  fi;
leave:
  /* Connection.leave. (One of several may: two that do add states, and nothing new.) */
  LEFT[OF(me, 0)] = true;
#ifndef BREAK_7
  wake_loop(0);
#endif
gone:
#endif
  skip
}

/* LoopChannel.send: the message, its number, then whether the caller sleeps. */
inline reply(c, message, isForEventLoop) {
  assert(!forsaken[OF(c, me)]);
  LOOP_SLEEPS[me] = 0;      /* Pump.beforeReply */
  ring_of_replies[OF(c, me)]!message;
#ifdef BREAK_5
  state = ASLEEP[c];
  REPLY_SEQ[OF(c, me)]++;
#else
  REPLY_SEQ[OF(c, me)]++;
  state = ASLEEP[c];
#endif
  wake_caller(c, isForEventLoop)
}

/* LoopChannel.#wakeCaller */
inline wake_caller(c, isForEventLoop) {
  if
  :: state == 1 ->
     d_step { state = ASLEEP[c]; ASLEEP[c] = 0 };
     if
     :: state == 1 -> in_futex[c] = false
     :: else
     fi
  :: else
  fi;
  if
  :: isForEventLoop ->
     d_step { woken = WAKE_POSTED[OF(c, me)]; WAKE_POSTED[OF(c, me)] = 1 };
     if
     :: !woken -> caller_port[c]!me
     :: else
     fi
  :: else
  fi;
  state = 0;
  woken = 0
}

/* Dispatcher.drain: each coroutine ends at once, calls back, or waits for a timer. */
inline drain() {
  c = 0;
  do
  :: c == CALLERS -> c = 0; break
  :: c < CALLERS && (forsaken[OF(c, me)] || CALL_SEQ[OF(c, me)] <= CALL_TAKEN[OF(c, me)]) ->
     /* LoopThread.#drain: #forsake */
     if
     :: LEFT[OF(c, me)] && !forsaken[OF(c, me)] ->
        forsaken[OF(c, me)] = true;
#ifndef BREAK_8
        pending[c] = 0
#endif
     :: else
     fi;
     c++
  :: c < CALLERS && !forsaken[OF(c, me)] && (CALL_SEQ[OF(c, me)] > CALL_TAKEN[OF(c, me)] || is_called(OF(c, me))) ->
     assert(nempty(ring_of_calls[OF(c, me)]));
     ring_of_calls[OF(c, me)]?call;
     CALL_TAKEN[OF(c, me)]++;
     if
     :: call > CALLBACK -> call = call - CALLBACK; reply(c, call, is_task[c * (CALLS + 1) + call])
     :: else ->
        if
        :: reply(c, call, is_task[c * (CALLS + 1) + call])
#ifdef NESTED
        :: reply(c, call + CALLBACK, true)
#endif
        :: pending[c] == 0 -> pending[c] = call
        fi
     fi;
     call = 0
  od
}

inline timer_fires() {
  if
  :: pending[0] > 0 -> call = pending[0]; pending[0] = 0; reply(0, call, is_task[call])
#if CALLERS > 1
  :: pending[1] > 0 -> call = pending[1]; pending[1] = 0; reply(1, call, is_task[CALLS + 1 + call])
#endif
  fi;
  call = 0
}

/* Callers.hasNews: a message that has not been taken, or a caller that has left and is not given up yet. */
#define called_by(c) (!forsaken[OF(c, me)] && (CALL_SEQ[OF(c, me)] > CALL_TAKEN[OF(c, me)] || LEFT[OF(c, me)]))
#if CALLERS > 1
#define has_pending (pending[0] > 0 || pending[1] > 0)
#define called (called_by(0) || called_by(1))
#else
#define has_pending (pending[0] > 0)
#define called (called_by(0))
#endif
#define may_be_called (!forsaken[0] && is_called(0))

/* Pump: ticking, spinning, turning, sleeping. */
proctype Loop(byte me) {
  byte call, c;
  byte pending[CALLERS];
  bit woken, state;
  {
    skip;
ticking:
    if
    :: called || may_be_called -> drain(); goto ticking
    :: !called ->
       if
       :: goto turning      /* a turn of the event loop is due */
       :: goto sleeping     /* spun in vain, or not at all */
       fi
    fi;
turning:
    if
    :: has_pending -> timer_fires()
    :: loop_port[me]?_                    /* a wake-up that came when it was awake: ignored */
    :: true
    fi;
    goto ticking;
sleeping:
    /* Announce first, look again after. */
#ifdef BREAK_6
    !called;
    LOOP_SLEEPS[me] = 1;
#else
    LOOP_SLEEPS[me] = 1;
    if
    :: called -> LOOP_SLEEPS[me] = 0; goto ticking
    :: !called
    fi;
#endif
end_asleep:
    if
    :: loop_port[me]?_ -> LOOP_SLEEPS[me] = 0; goto ticking
    :: has_pending -> timer_fires(); goto ticking
    :: closing && me == 0 ->
       /* process.on('exit'), LoopChannel.close: the closed bit, and a notification to whoever sleeps. */
       c = 0;
       do
       :: c == CALLERS -> break
       :: c < CALLERS ->
          CLOSED[OF(c, me)] = true;
          WAKE_POSTED[OF(c, me)] = 0;
          state = ASLEEP[c];
          wake_caller(c, true);
          c++
       od;
       DEAD[me] = true;
       goto gone
    fi
  } unless { killed && me == 0 };
  DEAD[me] = true;
gone:
  skip
}

#ifndef IMMORTAL
/* Death at any moment: by process.exit() or close(), which say so, or by violence, which does not. */
active proctype Fate() {
  if
  :: closing = true
  :: killed = true
  :: skip
  fi
}
#endif

#ifdef CUTS
/* The `timeout` of node:vm, or Ctrl-C in a REPL. */
active proctype Cutter() {
  if
  :: cut = true
  :: skip
  fi
}
#endif

/* When nothing moves any more, the loop thread has noticed everybody who left. */
active proctype Monitor() {
  timeout ->
  assert(DEAD[0] || !LEFT[0] || forsaken[0])
}

init {
  atomic {
    run Loop(0);
#if LOOPS > 1
    run Loop(1);
#endif
    run Caller(0);
#if CALLERS > 1
    run Caller(1);
#endif
  }
}
