/*
 * The wake protocol, for the model checker spin: CALLERS calling threads and one loop thread. Names are
 * those of src/wire/layout.ts, src/caller/wait.ts, src/caller/connection.ts and src/loop/pump.ts;
 * wake-protocol.md next to this file tells how to read and how to run it.
 *
 * What spin must not find: a state in which nobody can go on although a call is unanswered (a lost
 * wake-up: invalid end state), a reply to the wrong call, a message that is not there although its
 * number is (assertions).
 *
 * Time slices do not rescue anybody here: a sleeping caller looks for death only once it has happened,
 * so a wake-up that is lost stays lost.
 *
 * A caller may leave when it has its answers (a connected runner that is closed): then the loop thread gives
 * up its end of the channel, whatever it was doing, and writes to it no more.
 *
 * -DBREAK_1 … -DBREAK_8 each take one rule out of the protocol; spin finds an error in each of them.
 */
#ifndef CALLERS
#define CALLERS 1
#endif
#ifndef CALLS
#define CALLS 2
#endif

#define AWAY 0
#define LOOKING 1
#define ASLEEP 2

/* Control block. */
bit LOOP_SLEEPS;
bool DEAD;              /* the thread is gone, whether it said so or not */

/* Channel of each caller. Numbers and rings are apart, as in memory. */
byte CALL_SEQ[CALLERS];
byte REPLY_SEQ[CALLERS];
bool CLOSED[CALLERS];   /* bit 0 of REPLY_SEQ: read and written together with it */
byte CALLER_STATE[CALLERS];
bit AWAY_WOKEN[CALLERS];
chan ring_of_calls[CALLERS] = [CALLS] of { byte };
chan ring_of_replies[CALLERS] = [CALLS] of { byte };

/* What the platform provides: two ports, and the sleepers of Atomics.wait. */
chan loop_port = [CALLERS * (CALLS + 1)] of { bit };       /* at most one wake-up a call, and for leaving */
chan caller_port[CALLERS] = [CALLS + 1] of { bit };
bool in_futex[CALLERS];

/* A caller that leaves: bit 0 of CALL_SEQ, and what the loop thread has made of it. */
bool LEFT[CALLERS];
bool forsaken[CALLERS];

/* What may befall the loop thread at any moment. */
bool closing, killed;

/*
 * Inbox.isAhead. The number may lag behind: a message in the ring can be taken as soon as it is there
 * (Inbox.take), though it need not be seen earlier than its number.
 */
#define is_ahead(c) (REPLY_SEQ[c] > seen || CLOSED[c])
#if CALLERS > 1
/* Seeing them early is explored with one caller: with two it takes a gigabyte, and says nothing of both. */
#define has_news(c) is_ahead(c)
#define is_in_ring(c) false
#else
#define has_news(c) (is_ahead(c) || nempty(ring_of_replies[c]))
#define is_in_ring(c) nempty(ring_of_replies[c])
#endif

/* Connection.wakeLoop: what it is woken for stands in CALL_SEQ already. `looked` is LOOP_SLEEPS. */
inline wake_loop() {
  if
  :: looked == 1 ->
     atomic { looked = LOOP_SLEEPS; LOOP_SLEEPS = 0 };    /* swap: of several callers one posts */
     if
     :: looked == 1 -> loop_port!1
     :: else
     fi
  :: else
  fi
}

/* Connection.flush: the message, its number, and then the look at the announcement. */
inline send_call() {
#ifdef BREAK_1
  looked = LOOP_SLEEPS;
#endif
#ifdef BREAK_2
  CALL_SEQ[me]++;
  ring_of_calls[me]!id;
#else
  ring_of_calls[me]!id;       /* the message is visible before its number */
  CALL_SEQ[me]++;
#endif
#ifndef BREAK_1
  looked = LOOP_SLEEPS;       /* the number first, the announcement after */
#endif
  wake_loop();
}

inline take() {
  assert(nempty(ring_of_replies[me]));
  ring_of_replies[me]?got;
  seen++;
  assert(got <= id && !answered[got]);   /* one reply to each call, and to no other */
  answered[got] = true
}

/* receive(): takes every message there is. All have been published when the closed bit can be seen. */
inline receive() {
  do
  :: is_in_ring(me) -> take()
  :: REPLY_SEQ[me] > seen -> take()
  :: REPLY_SEQ[me] <= seen ->
     if
     :: CLOSED[me] ->
        if
        :: REPLY_SEQ[me] > seen -> take()
        :: REPLY_SEQ[me] <= seen -> failed = true; break
        fi
     :: !CLOSED[me] -> break
     fi
  od
}

/* Wait.block, for call `id`. */
inline block() {
  /* It need not say that it looks; but how it leaves depends on whether it has. */
  if
  :: CALLER_STATE[me] = LOOKING
  :: skip
  fi;
  do
  :: has_news(me) -> receive()
  :: answered[id] || failed -> break
  :: !is_ahead(me) && !answered[id] && !failed ->
     /* Out of patience: sleep. Announce first, then look again, in one step with falling asleep. */
#ifdef BREAK_3
     !is_ahead(me);
     CALLER_STATE[me] = ASLEEP;
     in_futex[me] = true;
#else
     CALLER_STATE[me] = ASLEEP;
     if
     :: atomic { !is_ahead(me) -> in_futex[me] = true }
     :: is_ahead(me)
     fi;
#endif
     do
     :: !in_futex[me] -> break                              /* notified */
#ifndef BREAK_4
     :: DEAD && in_futex[me] -> in_futex[me] = false; receive(); failed = true; break   /* a slice has ended: looked, and found it dead */
#endif
     od;
     CALLER_STATE[me] = LOOKING
  od;
  if
  :: CALLER_STATE[me] != AWAY -> CALLER_STATE[me] = AWAY
  :: else
  fi;
  /* Wait.#leave: what arrived in the last moment nobody announces a second time. */
  if
  :: has_news(me) -> receive()
  :: !is_ahead(me)
  fi
}

/* A task that is awaited: the caller is in its own event loop, and hears of replies through its port. */
inline await_task() {
  do
  :: answered[id] || failed -> break
  :: !(answered[id] || failed) ->
     if
     :: caller_port[me]?_ -> AWAY_WOKEN[me] = 0; receive()
     :: DEAD && empty(caller_port[me]) -> receive(); failed = true   /* the worker's exit event */
     fi
  od
}

proctype Caller(byte me) {
  byte id, got, seen;
  bit looked;
  bool answered[CALLS + 1];
  bool failed;
  do
  :: id == CALLS || failed -> break
  :: id < CALLS && !failed ->
     id++;
     send_call();
     if
     :: block()         /* run */
     :: await_task()    /* createTask, awaited */
     :: me == 0 -> goto leave   /* createTask, and close() */
     fi;
     assert(answered[id] || failed)
  od;
  if
  :: me == 0 && !failed -> goto leave
  :: skip -> goto gone
  fi;
leave:
  /* Connection.leave. (One of several may: two that do add states, and nothing new.) */
  LEFT[me] = true;
#ifndef BREAK_7
  looked = LOOP_SLEEPS;
  wake_loop();
#endif
gone:
  skip
}

/* LoopChannel.send: the message, its number, then the caller's state. */
inline reply(c, call) {
  assert(!forsaken[c]);
  LOOP_SLEEPS = 0;      /* Pump.beforeReply */
  ring_of_replies[c]!call;
#ifdef BREAK_5
  state = CALLER_STATE[c];
  REPLY_SEQ[c]++;
#else
  REPLY_SEQ[c]++;
  state = CALLER_STATE[c];
#endif
  if
  :: state == ASLEEP -> in_futex[c] = false
  :: state == AWAY ->
     atomic { woken = AWAY_WOKEN[c]; AWAY_WOKEN[c] = 1 };
     if
     :: !woken -> caller_port[c]!1
     :: else
     fi
  :: else
  fi
}

#if CALLERS > 1
#define may_be_called_by(c) false
#else
#define may_be_called_by(c) (!forsaken[c] && nempty(ring_of_calls[c]))
#endif

/* Dispatcher.drain: each coroutine ends at once, or waits for a timer. */
inline drain() {
  c = 0;
  do
  :: c == CALLERS -> c = 0; break
  :: c < CALLERS && (forsaken[c] || CALL_SEQ[c] <= taken[c]) ->
     /* LoopThread.#drain: #forsake */
     if
     :: LEFT[c] && !forsaken[c] ->
        forsaken[c] = true;
#ifndef BREAK_8
        pending[c] = 0
#endif
     :: else
     fi;
     c++
  :: c < CALLERS && !forsaken[c] && (CALL_SEQ[c] > taken[c] || may_be_called_by(c)) ->
     assert(nempty(ring_of_calls[c]));
     ring_of_calls[c]?call;
     taken[c]++;
     if
     :: reply(c, call)
     :: pending[c] = call
     fi
  od
}

inline timer_fires() {
  if
  :: pending[0] > 0 -> call = pending[0]; pending[0] = 0; reply(0, call)
#if CALLERS > 1
  :: pending[1] > 0 -> call = pending[1]; pending[1] = 0; reply(1, call)
#endif
  fi
}

#if CALLERS > 1
#define has_pending (pending[0] > 0 || pending[1] > 0)
#else
#define has_pending (pending[0] > 0)
#endif

/* Callers.hasNews: a message that has not been taken, or a caller that has left and is not given up yet. */
#define called_by(c) (!forsaken[c] && (CALL_SEQ[c] > taken[c] || LEFT[c]))
#if CALLERS > 1
#define called (called_by(0) || called_by(1))
#define may_be_called false
#else
#define called (called_by(0))
#define may_be_called may_be_called_by(0)
#endif

/* Pump: ticking, spinning, turning, sleeping. */
active proctype Loop() {
  byte call, c, state;
  byte taken[CALLERS];
  byte pending[CALLERS];
  bit woken;
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
    :: loop_port?_                        /* a wake-up that came when it was awake: ignored */
    :: true
    fi;
    goto ticking;
sleeping:
    /* Announce first, look again after. */
#ifdef BREAK_6
    !called;
    LOOP_SLEEPS = 1;
#else
    LOOP_SLEEPS = 1;
    if
    :: called -> LOOP_SLEEPS = 0; goto ticking
    :: !called
    fi;
#endif
end_asleep:
    if
    :: loop_port?_ -> LOOP_SLEEPS = 0; goto ticking
    :: has_pending -> timer_fires(); goto ticking
    :: closing ->
       /* process.on('exit'): the closed bit, and a notification to whoever sleeps on it. */
       c = 0;
       do
       :: c == CALLERS -> break
       :: c < CALLERS ->
          CLOSED[c] = true;
          in_futex[c] = false;
          caller_port[c]!1;
          c++
       od;
       DEAD = true;
       goto gone
    fi
  } unless { killed };
  DEAD = true;
gone:
  skip
}

/* Death at any moment: by process.exit() or close(), which say so, or by violence, which does not. */
active proctype Fate() {
  if
  :: closing = true
  :: killed = true
  :: skip
  fi
}

/* When nothing moves any more, the loop thread has noticed everybody who left. */
active proctype Monitor() {
  timeout ->
  assert(DEAD || !LEFT[0] || forsaken[0]);
#if CALLERS > 1
  assert(DEAD || !LEFT[1] || forsaken[1])
#endif
}

init {
  atomic {
    run Caller(0);
#if CALLERS > 1
    run Caller(1);
#endif
  }
}
