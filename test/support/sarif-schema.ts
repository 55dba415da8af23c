// SPDX-License-Identifier: Apache-2.0
// What SARIF 2.1.0 (OASIS, sections in brackets) says of the properties that rtctl writes, as a JSON Schema. It knows no other property:
// one that is added to the output has to be looked up in the standard and added here.

const text = {type: 'string', minLength: 1}
const message = {type: 'object', additionalProperties: false, required: ['text'], properties: {text}}
const level = {enum: ['none', 'note', 'warning', 'error']}
const properties = {type: 'object'}

const region = {
  // [3.30.5, 3.30.6] lines and columns begin at 1
  type: 'object', additionalProperties: false, required: ['startLine'],
  properties: {startLine: {type: 'integer', minimum: 1}, startColumn: {type: 'integer', minimum: 1}},
}

const physicalLocation = {
  // [3.29.2] an address or an artifact location has to be there
  type: 'object', additionalProperties: false, required: ['artifactLocation'],
  properties: {
    artifactLocation: {type: 'object', additionalProperties: false, required: ['uri'], properties: {uri: {type: 'string', format: 'uri-reference', minLength: 1}}},
    region,
  },
}

const location = {
  type: 'object', additionalProperties: false, minProperties: 1,
  properties: {
    physicalLocation,
    logicalLocations: {
      type: 'array', minItems: 1, uniqueItems: true,
      items: {type: 'object', additionalProperties: false, required: ['fullyQualifiedName'], properties: {name: text, fullyQualifiedName: text, kind: {const: 'resource'}}},
    },
  },
}

const reportingDescriptor = {
  // [3.49]
  type: 'object', additionalProperties: false, required: ['id', 'shortDescription', 'fullDescription', 'help', 'defaultConfiguration'],
  properties: {
    id: text, shortDescription: message, fullDescription: message, helpUri: {type: 'string', format: 'uri'}, help: message,
    defaultConfiguration: {type: 'object', additionalProperties: false, required: ['level'], properties: {level}},
    properties,
  },
}

const result = {
  // [3.27]; ruleIndex is an index into rules [3.27.6], checked in the test
  type: 'object', additionalProperties: false, required: ['ruleId', 'ruleIndex', 'level', 'message', 'locations', 'partialFingerprints'],
  properties: {
    ruleId: text, ruleIndex: {type: 'integer', minimum: 0}, level, message,
    locations: {type: 'array', minItems: 1, items: location},
    partialFingerprints: {type: 'object', additionalProperties: {type: 'string'}, minProperties: 1},
    suppressions: {
      // [3.35]
      type: 'array', uniqueItems: true, minItems: 1,
      items: {
        type: 'object', additionalProperties: false, required: ['kind'],
        properties: {kind: {enum: ['inSource', 'external']}, status: {enum: ['accepted', 'underReview', 'rejected']}, justification: text},
      },
    },
    properties,
  },
}

const notification = {
  // [3.58]
  type: 'object', additionalProperties: false, required: ['message'],
  properties: {
    descriptor: {type: 'object', additionalProperties: false, required: ['id'], properties: {id: text}},
    level, message, locations: {type: 'array', uniqueItems: true, items: location},
  },
}

export const SARIF = {
  type: 'object', additionalProperties: false, required: ['$schema', 'version', 'runs'],
  properties: {
    $schema: {type: 'string', format: 'uri'},
    version: {const: '2.1.0'},
    runs: {
      type: 'array', minItems: 1,
      items: {
        type: 'object', additionalProperties: false, required: ['tool', 'results'],
        properties: {
          tool: {
            type: 'object', additionalProperties: false, required: ['driver'],
            properties: {
              driver: {
                type: 'object', additionalProperties: false, required: ['name', 'rules'],
                properties: {name: text, version: text, semanticVersion: text, rules: {type: 'array', uniqueItems: true, items: reportingDescriptor}},
              },
            },
          },
          automationDetails: {type: 'object', additionalProperties: false, properties: {id: text}},
          invocations: {
            type: 'array',
            items: {
              type: 'object', additionalProperties: false, required: ['executionSuccessful'],
              properties: {executionSuccessful: {type: 'boolean'}, toolExecutionNotifications: {type: 'array', items: notification}},
            },
          },
          columnKind: {enum: ['utf16CodeUnits', 'unicodeCodePoints']},
          results: {type: 'array', items: result},
          properties,
        },
      },
    },
  },
} as const
