// SPDX-License-Identifier: Apache-2.0
// Row reductions of a vector unit. A group of up to `lanes` elements a cycle is added to one partial sum a lane; behind a
// row's last group a tree adds the lanes' sums, ceil(log2 lanes) levels of `latency` cycles each.
//
// Folded: the tree is made of the lanes' own adders, and no group is taken meanwhile. Pipelined: it has adders of its own,
// through which a row passes in `levels` times `latency` cycles, and the next row begins at once.
module vector_reduce #(
    parameter int MAX_LANES = 16,
    parameter int MAX_DEPTH = 32 // of the pipelined tree
) (
    input  logic clk,
    input  logic reset,
    input  logic pipelined,
    input  logic [7:0] lanes,
    input  logic [7:0] latency,
    input  logic [7:0] levels,
    // A group is taken if valid and ready.
    input  logic valid,
    output logic ready,
    input  logic first, // of its row
    input  logic last,
    input  logic [31:0] x[MAX_LANES], // lanes beyond the row's end hold zero
    // A row's sum.
    output logic result_valid,
    output logic [31:0] result
);
    import "DPI-C" pure function int unsigned gradus_test_add(input int unsigned a, input int unsigned b);

    logic [31:0] sum[MAX_LANES];
    // Folded: how far the row at hand is up its tree.
    logic reducing;
    logic [7:0] level, cycle;
    // Pipelined: sums on their way, the newest in 0.
    logic in_flight[MAX_DEPTH];
    logic [31:0] on_its_way[MAX_DEPTH];

    wire [$clog2(MAX_DEPTH)-1:0] depth = $clog2(MAX_DEPTH)'(levels * latency);
    assign ready = !reducing;

    // verilator lint_off BLKSEQ
    always_ff @(posedge clk) begin
        logic taken, ends;
        logic [7:0] distance;
        logic [31:0] v[MAX_LANES];
        taken = valid && ready;
        ends = taken && last;
        result_valid = 0;
        if (reducing) begin
            cycle = cycle + 1;
            if (cycle == latency) begin
                distance = (8'd1 << (levels - level)) >> 1; // the widest first
                for (int i = 0; i < MAX_LANES; ++i)
                    if (8'(i) < distance && 8'(i) + distance < lanes) sum[i] = gradus_test_add(sum[i], sum[i+32'(distance)]);
                level = level + 1;
                cycle = 0;
            end
            reducing = level != levels;
            result_valid = !reducing;
            result = sum[0];
        end
        if (taken)
            for (int i = 0; i < MAX_LANES; ++i) sum[i] = gradus_test_add(first ? 0 : sum[i], x[i]);

        for (int d = MAX_DEPTH - 1; d > 0; --d) begin
            in_flight[d] = in_flight[d-1];
            on_its_way[d] = on_its_way[d-1];
        end
        v = sum;
        distance = (8'd1 << levels) >> 1;
        for (int s = 0; s < 8; ++s) begin
            for (int i = 0; i < MAX_LANES; ++i)
                if (8'(i) < distance && 8'(i) + distance < lanes) v[i] = gradus_test_add(v[i], v[i+32'(distance)]);
            distance = distance >> 1;
        end
        in_flight[0] = ends;
        on_its_way[0] = v[0];
        if (pipelined && in_flight[depth]) begin
            result_valid = 1;
            result = on_its_way[depth];
        end
        if (!pipelined && ends) begin
            level = 0;
            cycle = 0;
            reducing = levels != 0;
            result_valid = levels == 0;
            result = sum[0];
        end
        if (reset) begin
            reducing = 0;
            result_valid = 0;
            for (int d = 0; d < MAX_DEPTH; ++d) in_flight[d] = 0;
        end
    end
    // verilator lint_on BLKSEQ
endmodule
