/* A DSSI synthesizer in closed form: a sine at the key, as loud as the velocity, right output at half of the left. */
#include <math.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct { int kind; float lower, upper; } Hint;
typedef struct {
  unsigned long id; const char *label; int properties; const char *name, *maker, *copyright;
  unsigned long ports; const int *kinds; const char *const *names; const Hint *hints; void *implementation;
  void *(*instantiate)(const void *, unsigned long); void (*connect)(void *, unsigned long, float *);
  void (*activate)(void *); void *run, *run_adding, *gain; void (*deactivate)(void *); void (*cleanup)(void *);
} Ladspa;
typedef struct { unsigned long bank, program; const char *name; } Program;
typedef struct {
  unsigned char type, flags, tag, queue; unsigned tick, nanosecond; unsigned char source[2], destination[2];
  unsigned char channel, note, velocity, off_velocity; unsigned duration, unused;
} Event;
typedef struct {
  int version; const Ladspa *ladspa; void *configure; const Program *(*get_program)(void *, unsigned long);
  void (*select_program)(void *, unsigned long, unsigned long); void *controller;
  void (*run_synth)(void *, unsigned long, Event *, unsigned long); void *adding;
  void (*run_multiple)(unsigned long, void **, unsigned long, Event **, unsigned long *); void *multiple_adding;
} Dssi;

typedef struct { double rate, hz, phase, level; int program, wanted; float *left, *right, *gain, *octave; } Voice;

static const Program PROGRAMS[] = {{0, 0, "Sine"}, {0, 1, "  <-->  "}, {0, 2, "Nothing"}, {3, 7, "Fifth, loaded late"}};
static const int KINDS[] = {2 | 8, 2 | 8, 1 | 4, 1 | 4};
static const char *const NAMES[] = {"left", "right", "gain", "octave"};
static const Hint HINTS[] = {{0, 0, 0}, {0, 0, 0}, {1 | 2 | 0x140, 0, 0.5}, {1 | 2 | 0x10 | 0xC0, 0.25, 4}};

static void *start(const void *plugin, unsigned long rate) {
  Voice *v = calloc(1, sizeof(Voice));
  v->rate = rate;
  return v;
}
static void connect(void *handle, unsigned long port, float *data) {
  Voice *v = handle;
  *(port == 0 ? &v->left : port == 1 ? &v->right : port == 2 ? &v->gain : &v->octave) = data;
}
static const Program *get(void *handle, unsigned long index) {
  return index < sizeof(PROGRAMS) / sizeof(*PROGRAMS) ? PROGRAMS + index : NULL;
}
static void *load(void *handle) { /* works for 0.3 s of processor time, as one that computes its waves */
  clock_t until = clock() + 3 * CLOCKS_PER_SEC / 10;
  while (clock() < until) {}
  ((Voice *)handle)->wanted = 7;
  return NULL;
}
static void choose(void *handle, unsigned long bank, unsigned long program) {
  Voice *v = handle;
#ifdef CRASH
  if (program == 2) abort();
#endif
  if (bank == 3) {
    pthread_t thread;
    pthread_create(&thread, NULL, load, v);
    pthread_detach(thread);
  } else
    v->wanted = program;
}
static void run(void *handle, unsigned long frames, Event *events, unsigned long count) {
  Voice *v = handle;
  v->program = v->wanted;
  for (unsigned long i = 0; i < frames; i++) {
    for (unsigned long e = 0; e < count; e++)
      if (events[e].tick == i) {
        if (events[e].type == 6) {
          v->hz = 440.0 * pow(2.0, (events[e].note - 69) / 12.0) * (v->program == 7 ? 1.5 : 1.0);
          v->phase = 0.0;
          v->level = v->program == 2 ? 0.0 : events[e].velocity / 127.0;
        } else
          v->level = 0.0;
      }
    v->left[i] = *v->gain * *v->octave * v->level * sin(v->phase);
    v->right[i] = 0.5 * v->left[i];
    v->phase += 2.0 * M_PI * v->hz / v->rate;
  }
}
static void run_many(unsigned long voices, void **handles, unsigned long frames, Event **events, unsigned long *counts) {
  for (unsigned long i = 0; i < voices; i++) run(handles[i], frames, events[i], counts[i]);
}

static const Ladspa LADSPA = {1, "tone", 0, "Test tone", "nobody", "(c) nobody", 4, KINDS, NAMES, HINTS, NULL,
                              start, connect, NULL, NULL, NULL, NULL, NULL, free};
#ifdef MANY
static const Dssi DSSI = {1, &LADSPA, NULL, get, choose, NULL, NULL, NULL, run_many, NULL};
#elif defined(MUTE)
static const Dssi DSSI = {1, &LADSPA, NULL, get, choose, NULL, NULL, NULL, NULL, NULL};
#else
static const Dssi DSSI = {1, &LADSPA, NULL, get, choose, NULL, run, NULL, NULL, NULL};
#endif
const Dssi *dssi_descriptor(unsigned long index) { return index ? NULL : &DSSI; }
