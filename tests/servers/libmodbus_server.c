/* A server on libmodbus: floats in its four orders, numbers, coils; a process for each connection. Says its port, serves
 * until its input closes. libmodbus_server [ADDRESS [PORT]] */
#include <arpa/inet.h>
#include <modbus/modbus.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void *end_with_input(void *unused) {
  (void)unused;
  while (getchar() != EOF) {}
  exit(0);
}

int main(int count, char **arguments) {
  signal(SIGCHLD, SIG_IGN);
  modbus_t *context = modbus_new_tcp(count > 1 ? arguments[1] : "127.0.0.1", count > 2 ? atoi(arguments[2]) : 0);
  modbus_mapping_t *map = modbus_mapping_new(100, 100, 200, 200);
  modbus_set_float_abcd(123.456f, map->tab_registers + 0);
  modbus_set_float_cdab(123.456f, map->tab_registers + 2);
  modbus_set_float_badc(123.456f, map->tab_registers + 4);
  modbus_set_float_dcba(123.456f, map->tab_registers + 6);
  MODBUS_SET_INT32_TO_INT16(map->tab_registers, 8, -123456789);
  MODBUS_SET_INT64_TO_INT16(map->tab_registers, 10, -1234567890123456789LL);
  for (int at = 0; at < 200; at++) map->tab_input_registers[at] = (uint16_t)(7 * at);
  for (int at = 0; at < 100; at++) { map->tab_bits[at] = at % 3 == 0; map->tab_input_bits[at] = at % 5 == 0; }
  int listener = modbus_tcp_listen(context, 500);
  struct sockaddr_in own;
  socklen_t length = sizeof own;
  if (listener < 0 || getsockname(listener, (struct sockaddr *)&own, &length) < 0) return 1;
  printf("%d\n", ntohs(own.sin_port));
  fflush(stdout);
  pthread_t thread;
  pthread_create(&thread, NULL, end_with_input, NULL);
  for (;;) {
    if (modbus_tcp_accept(context, &listener) < 0) continue;
    if (fork() == 0) {
      uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
      int got;
      close(listener);
      while ((got = modbus_receive(context, query)) >= 0) if (got > 0) modbus_reply(context, query, got, map);
      _exit(0);
    }
    /* Not modbus_close: it would shut the child's connection down. */
    close(modbus_get_socket(context));
  }
}
