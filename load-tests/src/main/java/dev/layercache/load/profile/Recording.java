package dev.layercache.load.profile;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingFile;

/**
 * The stacks of a recording, below a frame for each kind of thread. Reads {@code jdk.CPUTimeSample}
 * (every so much CPU time, native code included); a recording without them is read for {@code
 * jdk.ExecutionSample} (Java code that runs).
 */
final class Recording {
  /** Ends the name of a frame of native code. */
  static final String NATIVE = " (native)";

  private static final String CPU_TIME = "jdk.CPUTimeSample";
  private static final String EXECUTION = "jdk.ExecutionSample";
  private static final Pattern NUMBER = Pattern.compile("[0-9]+");

  private final StackTree cpuTime = new StackTree("all");
  private final StackTree execution = new StackTree("all");

  private Recording() {}

  static Recording read(Path file) throws IOException {
    var recording = new Recording();
    try (var events = new RecordingFile(file)) {
      while (events.hasMoreEvents()) {
        recording.add(events.readEvent());
      }
    }
    return recording;
  }

  private void add(RecordedEvent event) {
    switch (event.getEventType().getName()) {
      case CPU_TIME -> cpuTime.add(frames(event, "eventThread"));
      case EXECUTION -> execution.add(frames(event, "sampledThread"));
      default -> {
        // Recordings hold much more.
      }
    }
  }

  /** What the flame graph shows. */
  StackTree tree() {
    return cpuTime.samples() > 0 ? cpuTime : execution;
  }

  /** What was sampled, in a sentence. */
  String note() {
    return cpuTime.samples() > 0
        ? "%,d samples of CPU time (jdk.CPUTimeSample).".formatted(cpuTime.samples())
        : "%,d samples of running Java code (jdk.ExecutionSample); native code is not in them."
            .formatted(execution.samples());
  }

  private static List<String> frames(RecordedEvent event, String threadField) {
    var frames = new ArrayList<String>();
    Optional.ofNullable(event.getStackTrace())
        .ifPresent(stack -> stack.getFrames().stream().map(Recording::name).forEach(frames::add));
    frames.add(thread(event, threadField));
    Collections.reverse(frames);
    return frames;
  }

  /** Threads that differ only by a number are one. Virtual threads have no name. */
  private static String thread(RecordedEvent event, String field) {
    var name =
        Optional.ofNullable(event.getThread(field))
            .flatMap(thread -> Optional.ofNullable(thread.getJavaName()))
            .orElse("");
    return name.isEmpty() ? "virtual threads" : NUMBER.matcher(name).replaceAll("N");
  }

  private static String name(RecordedFrame frame) {
    var method = frame.getMethod();
    var name = method.getType().getName() + "." + method.getName();
    return "Native".equals(frame.getType()) ? name + NATIVE : name;
  }
}
