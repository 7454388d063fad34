// SPDX-License-Identifier: Apache-2.0
// The address generator of a DMA channel's two-dimensional copy: one burst a cycle while the channel takes them. A row is cut
// into bursts of `burst_elements`; where rows follow each other without a gap on both sides, all of them are one long row.
module dma_bursts (
    input  logic clk,
    // A new command; the first burst is there in the next cycle.
    input  logic start,
    input  logic [63:0] src,
    input  logic [63:0] dst,
    input  logic [31:0] rows,
    input  logic [31:0] cols,
    input  logic [31:0] src_pitch,
    input  logic [31:0] dst_pitch,
    input  logic [2:0] src_element, // bytes
    input  logic [2:0] dst_element,
    input  logic [31:0] burst_elements,
    // A burst.
    output logic valid,
    input  logic ready,
    output logic [63:0] read_address,
    output logic [63:0] write_address,
    output logic [31:0] elements
);
    wire [63:0] src_row_bytes = 64'(cols) * 64'(src_element);
    wire [63:0] dst_row_bytes = 64'(cols) * 64'(dst_element);
    wire gapless = 64'(src_pitch) == src_row_bytes && 64'(dst_pitch) == dst_row_bytes;

    // What is left: rows behind the one at hand, and elements of that one.
    logic [31:0] rows_left;
    logic [63:0] left, row_elements;
    logic [63:0] read_row, write_row; // where the row at hand begins

    assign elements = left < 64'(burst_elements) ? left[31:0] : burst_elements;
    wire ends_row = left <= 64'(burst_elements);

    always_ff @(posedge clk) begin
        if (start) begin
            valid <= 1;
            rows_left <= gapless ? 0 : rows - 1;
            row_elements <= gapless ? 64'(rows) * 64'(cols) : 64'(cols);
            left <= gapless ? 64'(rows) * 64'(cols) : 64'(cols);
            read_row <= src;
            write_row <= dst;
            read_address <= src;
            write_address <= dst;
        end else if (valid && ready) begin
            if (!ends_row) begin
                left <= left - 64'(burst_elements);
                read_address <= read_address + 64'(burst_elements) * 64'(src_element);
                write_address <= write_address + 64'(burst_elements) * 64'(dst_element);
            end else if (rows_left != 0) begin
                rows_left <= rows_left - 1;
                left <= row_elements;
                read_row <= read_row + 64'(src_pitch);
                write_row <= write_row + 64'(dst_pitch);
                read_address <= read_row + 64'(src_pitch);
                write_address <= write_row + 64'(dst_pitch);
            end else begin
                valid <= 0;
            end
        end
    end
endmodule
