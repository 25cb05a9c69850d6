package dev.layercache.load.server;

import dev.layercache.load.measure.ProcessMeter;
import java.util.Optional;

/** Something that load is driven at. */
public interface Endpoint {

  /** As in the tables. */
  String name();

  /** What it uses; empty when it is not a process of ours. */
  Optional<ProcessMeter> meter();
}
