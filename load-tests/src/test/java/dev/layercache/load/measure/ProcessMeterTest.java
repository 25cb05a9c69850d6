package dev.layercache.load.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProcessMeterTest {

  @Test
  void aProgramMayHaveSpacesAndParenthesesInItsName() {
    var stat = "7 (a (b) c) S 1 7 7 0 -1 4194560 900 0 0 0 250 50 9 9 20 0 1 0 100 0 0";
    assertThat(ProcessMeter.cpuSeconds(stat)).isEqualTo(3.0);
  }

  @Test
  void aFieldIsTheNumberBehindItsName() {
    var lines = List.of("VmPeak:\t    900 kB", "VmHWM:\t    123 kB");
    assertThat(ProcessMeter.field(lines, "VmHWM:")).isEqualTo(123);
    assertThat(ProcessMeter.field(lines, "VmSwap:")).isZero();
  }

  @Test
  void thisProcessHasUsedTimeAndMemory() throws IOException {
    var usage = new ProcessMeter(ProcessHandle.current()).now();
    assertThat(usage.cpuSeconds()).isPositive();
    assertThat(usage.peakResidentBytes()).isGreaterThan(1 << 20);
  }

  @Test
  void whatWasUsedSinceIsTheDifferenceButForThePeak() {
    var used = new Usage(5, 700, 90).since(new Usage(3, 200, 80));
    assertThat(used).isEqualTo(new Usage(2, 500, 90));
  }
}
