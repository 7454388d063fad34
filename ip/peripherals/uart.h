/* SPDX-License-Identifier: Apache-2.0 */
/* A transmit-only UART, the subset of a 16550 that a console needs. Byte registers. */
#ifndef GRADUS_IP_PERIPHERALS_UART_H
#define GRADUS_IP_PERIPHERALS_UART_H

#define UART_TRANSMIT 0x00u    /* wo: one character */
#define UART_LINE_STATUS 0x05u /* ro: always UART_LINE_READY */
#define UART_LINE_READY 0x60u  /* transmitter empty and idle */
#define UART_REGISTER_BYTES 0x1000u

#endif
