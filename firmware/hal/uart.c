/* SPDX-License-Identifier: Apache-2.0 */
#include "ip/peripherals/uart.h"

#include <stdio.h>

#include "firmware/hal/info.h"
#include "firmware/hal/mmio.h"
#include "firmware/hal/uart.h"

void uart_put(char character) {
    const uint64_t uart = hal_info()->uart;
    while ((mmio_read8(uart + UART_LINE_STATUS) & UART_LINE_READY) != UART_LINE_READY) {}
    mmio_write8(uart + UART_TRANSMIT, (uint8_t)character);
}

static int console_put(char character, FILE* file) {
    (void)file;
    uart_put(character);
    return (unsigned char)character;
}

/* picolibc's stdio: the application provides the streams. */
static FILE console = FDEV_SETUP_STREAM(console_put, NULL, NULL, _FDEV_SETUP_WRITE);
FILE* const stdout = &console;
FILE* const stderr = &console;
