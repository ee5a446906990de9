// Says what a program that computes by CUDA would find here, a line a fact: word, tab, text.
//   cuda NAME     a GPU that the driver offers under this environment (CUDA_VISIBLE_DEVICES), in its order
//   nvml NAME     a GPU of this machine, offered or not
//   driver N      the newest CUDA that the driver speaks: 12040 is 12.4
//   failed TEXT   why the driver offers none
//   missing NAME  a library that TensorFlow's own loader does not find; asked where its framework library is named
// A process of its own, since drivers start threads, and may crash. TensorFlow's loader searches along the run path of
// the library that it is in, which nothing outside of it can imitate.
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>

typedef int (*Function)(...);

static Function function(void *library, const char *name) {
  return library ? (Function)dlsym(library, name) : nullptr;
}

static void askDriver() {
  void *driver = dlopen("libcuda.so.1", RTLD_NOW);
  if (!driver) {
    printf("failed\t%s\n", dlerror());
    return;
  }
  Function start = function(driver, "cuInit"), count = function(driver, "cuDeviceGetCount"),
           name = function(driver, "cuDeviceGetName"), version = function(driver, "cuDriverGetVersion"),
           words = function(driver, "cuGetErrorString");
  int number = 0, devices = 0;
  if (version && version(&number) == 0) printf("driver\t%d\n", number);
  if (!start || !count) {
    puts("failed\tlibcuda.so.1 is no NVIDIA driver");
    return;
  }
  int code = start(0);
  if (code == 0) code = count(&devices);
  // 100 says that there is none, which is no failure.
  if (code != 0 && code != 100) {
    const char *text = nullptr;
    if (words) words(code, &text);
    printf("failed\t%s (CUDA error %d)\n", text ? text : "the driver does not start", code);
  }
  for (int each = 0; each < devices; each++) {
    char text[256] = "";
    if (!name || name(text, (int)sizeof text, each) != 0) snprintf(text, sizeof text, "GPU %d", each);
    printf("cuda\t%s\n", text);
  }
}

static void askMachine() {
  void *library = dlopen("libnvidia-ml.so.1", RTLD_NOW);
  Function start = function(library, "nvmlInit_v2"), count = function(library, "nvmlDeviceGetCount_v2"),
           handle = function(library, "nvmlDeviceGetHandleByIndex_v2"), name = function(library, "nvmlDeviceGetName");
  unsigned devices = 0;
  if (!start || !count || start() != 0 || count(&devices) != 0) return;
  for (unsigned each = 0; each < devices; each++) {
    char text[256] = "";
    void *device = nullptr;
    if (!handle || !name || handle(each, &device) != 0 || name(device, text, (unsigned)sizeof text) != 0)
      snprintf(text, sizeof text, "GPU %u", each);
    printf("nvml\t%s\n", text);
  }
}

// absl::StatusOr<void *>: with a destructor of its own, it is returned through an address that the caller gives.
struct Found {
  uintptr_t status;
  void *handle;
};
typedef Found *(*Loader)(Found *);

static void askLoader(const char *path) {
  void *framework = dlopen(path, RTLD_LAZY);
  if (!framework) {
    printf("missing\t%s\n", dlerror());
    return;
  }
  const char *const names[][2] = {
      {"libcudart", "_ZN3tsl8internal9DsoLoader23GetCudaRuntimeDsoHandleEv"},
      {"libcublas", "_ZN3tsl8internal9DsoLoader18GetCublasDsoHandleEv"},
      {"libcublasLt", "_ZN3tsl8internal9DsoLoader20GetCublasLtDsoHandleEv"},
      {"libcufft", "_ZN3tsl8internal9DsoLoader17GetCufftDsoHandleEv"},
      {"libcusolver", "_ZN3tsl8internal9DsoLoader20GetCusolverDsoHandleEv"},
      {"libcusparse", "_ZN3tsl8internal9DsoLoader20GetCusparseDsoHandleEv"},
      {"libcudnn", "_ZN3tsl8internal9DsoLoader17GetCudnnDsoHandleEv"},
  };
  for (auto &[name, symbol] : names) {
    Found found = {0, nullptr};
    Loader load = (Loader)dlsym(framework, symbol);
    if (load) load(&found);
    if (!found.handle) printf("missing\t%s\n", name);
  }
}

int main(int count, char **arguments) {
  askDriver();
  askMachine();
  if (count > 1) askLoader(arguments[1]);
}
